import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { axisOf, type KnownShape, sizesAgree, stridesOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { checkIndices } from './check-indices.js';
import { flatIndex } from './flat-index.js';
import { inRange } from './in-range.js';

export const alongAxisAttrs = z.strictObject({ axis: z.int().default(-1) });

/**
 * Refuses indices whose other axes are not those of x. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH,
 * DTYPE_MISMATCH.
 */
export function checkAlongAxis(
  where: string,
  given: { readonly x: Tensor; readonly indices: Tensor },
  axis: number,
): void {
  const { x, indices } = given;
  checkIndices(where, { indices });
  const along = axisOf(axis, x.rank, where);
  const fits =
    indices.rank === x.rank &&
    x.shape.every((size, a) => a === along || sizesAgree(size, indices.shape[a] as number | null));
  if (fits) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `the indices must have the shape of x except on axis ${axis}.`,
    given,
    fix: 'broadcast the indices to the other axes of x.',
  });
}

/** Indices along an axis of a tensor of known shape as positions in it, flattened. */
export function placesAlong(shape: KnownShape, indices: Tensor, axis: number): Tensor {
  const along = axisOf(axis, shape.length, 'takeAlongAxis');
  const strides = stridesOf(shape);
  const size = shape[along] as number;
  return flatIndex(inRange(indices, { sizes: [size], where: 'takeAlongAxis' }), {
    size,
    stride: strides[along] as number,
    strides: strides.map((stride, a) => (a === along ? 0 : stride)),
  });
}
