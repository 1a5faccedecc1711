import { type DType, dtypes, HostTensor, readHost, type TypedArray, writeHost } from '@tenon/core';

export type Random = () => number;

/** Numbers in 0..1 that depend on the seed alone. */
export function randomSource(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Device memory of a dtype. */
export function arrayOf(dtype: DType, values: readonly number[]): TypedArray {
  const device = new dtypes[dtype].device(values.length);
  const host = new dtypes[dtype].host(values.length);
  values.forEach((value, i) => (host[i] = (dtype === 'int64' ? BigInt(value) : value) as number));
  writeHost(device, dtype, new HostTensor(host, [values.length], dtype));
  return device;
}

export const valuesOf = (dtype: DType, array: TypedArray): number[] =>
  Array.from(readHost(array, dtype) as Float64Array, Number);

export const bytesOf = (array: TypedArray): number[] => [
  ...new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
];

/** Descriptions of the elements that lie further apart than a share of their size. */
export function differences(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
): string[] {
  return actual.flatMap((value, i) => {
    const want = expected[i] as number;
    const close =
      Object.is(value, want) ||
      value === want ||
      Math.abs(value - want) <= tolerance * (1 + Math.abs(want));
    return close ? [] : [`${i}: ${value} is not ${want}`];
  });
}

/** How far results of a dtype may lie from those in double precision. */
export const toleranceOf = (dtype: DType): number =>
  ({ float16: 2e-3, bfloat16: 2e-2, float32: 1e-5, float64: 1e-12 })[dtype as 'float32'] ?? 0;
