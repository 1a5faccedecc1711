import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { axisOf, type KnownShape, shapesAgree, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { flatIndex } from './flat-index.js';
import { inRange } from './in-range.js';

export const gatherAttrs = z.strictObject({
  axis: z.int().default(0),
  /**
   * Leading axes that x and the indices share; negative counts from the end of the indices' axes.
   */
  batchDims: z.int().default(0),
});

export type GatherAttrs = z.output<typeof gatherAttrs>;

/** Both counted from the front. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH. */
export function gatherAxes(x: Tensor, indices: Tensor, given: GatherAttrs): GatherAttrs {
  const axis = axisOf(given.axis, x.rank, 'gather');
  const batchDims = given.batchDims < 0 ? given.batchDims + indices.rank : given.batchDims;
  if (batchDims < 0 || batchDims > indices.rank || batchDims > axis) {
    throw new GraphError('ATTRIBUTE_INVALID', 'gather', {
      what: `batchDims ${given.batchDims} is more than the indices' ${indices.rank} axes, or lies behind axis ${axis}.`,
      given: { x, indices },
      fix: 'batchDims counts axes in front of axis that x and the indices share.',
    });
  }
  if (!shapesAgree(x.shape.slice(0, batchDims), indices.shape.slice(0, batchDims))) {
    throw new GraphError('SHAPE_MISMATCH', 'gather', {
      what: `the first ${batchDims} sizes of x and the indices differ.`,
      given: { x, indices },
      fix: 'make the batch axes equal, or set batchDims to 0.',
    });
  }
  return { axis, batchDims };
}

/** from, from + 1, ..., to - 1 */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

/** Positions of the indices in the batch and axis of x flattened to one axis. */
export function batchedIndex(indices: Tensor, size: number, batchDims: number): Tensor {
  const shape = indices.shape as KnownShape;
  const strides = shape.map((_, a) =>
    a < batchDims ? sizeOf(shape.slice(a + 1, batchDims)) * size : 0,
  );
  return flatIndex(inRange(indices, { sizes: [size], where: 'gather' }), { size, strides });
}
