import type { HostTensor } from '@tenon/core';

/** Of single elements, over all weights. */
export const largestDifference = (
  one: readonly HostTensor[],
  other: readonly HostTensor[],
): number =>
  Math.max(
    ...one.flatMap(({ data }, i) =>
      Array.from(data as Float32Array, (v, j) => Math.abs(v - Number(other[i]?.data[j]))),
    ),
  );
