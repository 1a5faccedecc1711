import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { gather } from '../indexing/gather.js';
import { reshape } from '../shape/reshape.js';
import { boxRows, checkBox } from './dynamic-box.js';

const attrs = z.strictObject({ size: z.array(z.int().min(0)) });

/**
 * A box of x that begins where the run says, `y[i] = x[start + i]`; a start from which the box would not fit is moved to
 * where it does. Shapes: x any, start [rank] -> size. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const dynamicSlice: Op<readonly ['x', 'start'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'dynamicSlice',
  inputs: ['x', 'start'],
  integer: ['start'],
  attrs,
  infer({ x, start }, { size }) {
    checkBox(x, start, { size, where: 'dynamicSlice' });
    return { dtype: x.dtype, shape: size };
  },
  grad: 'expand',
  expand({ x, start }, { size }) {
    const { rows, matrix } = boxRows(x, start, size);
    return reshape(gather(matrix, rows), { shape: [...size] });
  },
});
