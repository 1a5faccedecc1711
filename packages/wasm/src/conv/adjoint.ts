import type { ConvGeometry } from '@tenon/core';

/**
 * The convolution that takes dy to dx where there are no strides: its windows are those of dy that an element of dx adds up, and
 * its filter is the mirrored one with channels and outputs in each other's place.
 */
export function adjointOf(geometry: ConvGeometry): ConvGeometry {
  const { inSize, outSize, window, dilations, padBefore, inChannels, outChannels } = geometry;
  const before = ([0, 1, 2] as const).map(
    (axis) => (window[axis] - 1) * dilations[axis] - padBefore[axis],
  ) as [number, number, number];
  return {
    ...geometry,
    ...{ inSize: outSize, outSize: inSize, padBefore: before },
    ...{ inChannels: outChannels, outChannels: inChannels },
  };
}
