import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { cast } from '../casting/cast.js';
import { scatterSet } from '../scattering/scatter-rows.js';
import { reshape } from '../shape/reshape.js';
import { boxRows, checkBox } from './dynamic-box.js';

/**
 * x with a box replaced that begins where the run says, `y = x; y[start + i] = update[i]`; a start from which the box would
 * not fit is moved to where it does. Shapes: x any, update of the same rank, start [rank] -> that of x.
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const dynamicUpdate: Op<readonly ['x', 'update', 'start']> = /* @__PURE__ */ defineOp({
  name: 'dynamicUpdate',
  inputs: ['x', 'update', 'start'],
  integer: ['start'],
  infer({ x, update, start }) {
    checkBox(x, start, { size: update.shape, where: 'dynamicUpdate' });
    return { dtype: x.dtype, shape: x.shape };
  },
  grad: 'expand',
  expand({ x, update, start }) {
    const { rows, matrix, inner } = boxRows(x, start, update.shape as KnownShape);
    const values = reshape(cast(update, { dtype: x.dtype }), { shape: [rows.size, inner] });
    return reshape(scatterSet(matrix, rows, values), { shape: [...(x.shape as KnownShape)] });
  },
});
