import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, shapesAgree, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { tupleLength } from '../indexing/gather-nd.js';
import { checkedRavel } from '../indexing/ravel-index.js';
import { reshape } from '../shape/reshape.js';
import { scatterAttrs, scatterRows } from './scatter-rows.js';

/**
 * x with slices at tuples of indices combined with updates, in the order of the tuples.
 * Shapes: x [n_0, ..., n_r], indices [...i, k], updates [...i, n_k, ..., n_r] -> that of x.
 * Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const tensorScatter: Op<readonly ['x', 'indices', 'updates'], typeof scatterAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'tensorScatter',
    inputs: ['x', 'indices', 'updates'],
    integer: ['indices'],
    attrs: scatterAttrs,
    infer({ x, indices, updates }) {
      const given = { x, indices, updates };
      const length = tupleLength('tensorScatter', indices, x.rank);
      if (!shapesAgree(updates.shape, [...indices.shape.slice(0, -1), ...x.shape.slice(length)])) {
        throw new GraphError('SHAPE_MISMATCH', 'tensorScatter', {
          what: 'the updates are not one slice of x for each tuple of indices.',
          given,
          fix: 'updates must have the shape of the indices without the last axis, followed by the axes that no index names.',
        });
      }
      if (updates.dtype !== x.dtype) {
        throw new GraphError('DTYPE_MISMATCH', 'tensorScatter', {
          what: 'x and updates differ in dtype.',
          given,
          fix: 'cast one of them.',
        });
      }
      return { dtype: x.dtype, shape: x.shape };
    },
    grad: 'expand',
    expand({ x, indices, updates }, attrs) {
      const shape = x.shape as KnownShape;
      const length = indices.shape.at(-1) as number;
      const sizes = shape.slice(0, length);
      const rows = reshape(x, { shape: [sizeOf(sizes), ...shape.slice(length)] });
      const places = checkedRavel(indices, { sizes, where: 'tensorScatter' });
      return reshape(scatterRows(rows, places, updates, attrs), {
        shape: [...shape],
      });
    },
  });

type Scatter = (x: TensorLike, indices: TensorLike, updates: TensorLike) => Tensor;

/** x with updates added at tuples of indices; several for one place are added up. */
export const tensorScatterAdd: Scatter = (x, indices, updates) =>
  tensorScatter(x, indices, updates, { mode: 'add' });

/**
 * x with updates in place of the elements at tuples of indices; of several for one place the last
 * stays.
 */
export const tensorScatterUpdate: Scatter = (x, indices, updates) =>
  tensorScatter(x, indices, updates, { mode: 'set' });
