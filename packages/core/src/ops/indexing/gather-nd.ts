import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisSize, type KnownShape, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { reshape } from '../shape/reshape.js';
import { checkIndices } from './check-indices.js';
import { gather } from './gather.js';
import { checkedRavel } from './ravel-index.js';

/**
 * How many axes a tuple on the last axis of the indices names. Errors: DTYPE_MISMATCH,
 * SHAPE_MISMATCH, SHAPE_UNKNOWN.
 */
export function tupleLength(where: string, indices: Tensor, rank: number): number {
  checkIndices(where, { indices });
  const length = axisSize(indices, -1);
  if (indices.rank > 0 && length === null) {
    throw new GraphError('SHAPE_UNKNOWN', where, {
      what: 'the last axis of the indices must have a known size, because the rank of the result depends on it.',
      given: { indices },
    });
  }
  if (length === null || length > rank) {
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: `the indices must have a last axis of at most ${rank} entries, one for each axis.`,
      given: { indices },
      fix: 'for single numbers use gather, or expandDims the indices.',
    });
  }
  return length;
}

/**
 * Slices of x at tuples of indices, `y[i] = x[indices[i, 0], ..., indices[i, k - 1]]`.
 * Shapes: x [n_0, ..., n_r], indices [...i, k] -> [...i, n_k, ..., n_r].
 * Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const gatherND: Op<readonly ['x', 'indices']> = /* @__PURE__ */ defineOp({
  name: 'gatherND',
  inputs: ['x', 'indices'],
  integer: ['indices'],
  infer({ x, indices }) {
    const length = tupleLength('gatherND', indices, x.rank);
    return { dtype: x.dtype, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(length)] };
  },
  grad: 'expand',
  expand({ x, indices }) {
    const shape = x.shape as KnownShape;
    const length = indices.shape.at(-1) as number;
    const sizes = shape.slice(0, length);
    const rows = reshape(x, { shape: [sizeOf(sizes), ...shape.slice(length)] });
    return gather(rows, checkedRavel(indices, { sizes, where: 'gatherND' }));
  },
});
