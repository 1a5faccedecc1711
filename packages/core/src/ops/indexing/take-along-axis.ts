import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { reshape } from '../shape/reshape.js';
import { alongAxisAttrs, checkAlongAxis, placesAlong } from './along-axis.js';
import { gather } from './gather.js';
import { putAlongAxis } from './put-along-axis.js';

/**
 * One element of x for each index, with indices of its own for every line along the axis, `y[a, i,
 * b] = x[a, indices[a, i, b], b]`. Shapes: x [...a, n, ...b], indices [...a, m, ...b] -> that of
 * indices.
 * Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const takeAlongAxis: Op<readonly ['x', 'indices'], typeof alongAxisAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'takeAlongAxis',
    inputs: ['x', 'indices'],
    integer: ['indices'],
    attrs: alongAxisAttrs,
    infer({ x, indices }, { axis }) {
      checkAlongAxis('takeAlongAxis', { x, indices }, axis);
      return { dtype: x.dtype, shape: indices.shape };
    },
    grad: ({ x, indices, dy }, attrs) => ({
      x: putAlongAxis(dy, indices, x, attrs),
      indices: null,
    }),
    expand: ({ x, indices }, { axis }) =>
      gather(reshape(x, { shape: [x.size] }), placesAlong(x.shape as KnownShape, indices, axis)),
  });
