import type { ConvGeometry } from '@tenon/core';

/** A convolution in which every window is one position of its own, over a single axis of all positions; else undefined. */
export function flattened(geometry: ConvGeometry): ConvGeometry | undefined {
  const { batch, inSize, outSize, window, strides, padBefore } = geometry;
  const pointwise = ([0, 1, 2] as const).every(
    (axis) =>
      window[axis] === 1 &&
      padBefore[axis] === 0 &&
      outSize[axis] === inSize[axis] &&
      (strides[axis] === 1 || inSize[axis] === 1),
  );
  if (!pointwise) return undefined;
  const positions = batch * inSize[0] * inSize[1] * inSize[2];
  const sizes = [1, 1, positions] as const;
  return { ...geometry, batch: 1, inSize: sizes, outSize: sizes, strides: [1, 1, 1] };
}
