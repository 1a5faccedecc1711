import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf, stridesOf } from '../../graph/shape.js';
import { copyView } from '../../lower/kernel-builder.js';
import { fill } from './fill.js';

const attrs = z.strictObject({
  axis: z.int().default(0),
  /** How far elements move towards the end; negative, towards the start. */
  by: z.int(),
  /** What comes in from outside. */
  value: fill,
});

/** x moved along an axis, `y[i] = x[i - by]`, and `value` where that lies outside. Errors: ATTRIBUTE_INVALID. */
export const shift: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'shift',
  inputs: ['x'],
  attrs,
  infer({ x }, { axis }) {
    axisOf(axis, x.rank, 'shift');
    return { dtype: x.dtype, shape: x.shape };
  },
  grad: ({ dy }, { axis, by }) => ({ x: shift(dy, { axis, by: -by }) }),
  lower({ inputs: { x }, output, attrs: { axis, by, value } }) {
    const moved = axisOf(axis, x.shape.length, 'shift');
    const strides = stridesOf(x.shape);
    const place = { offset: -by, strides: x.shape.map((_, i) => (i === moved ? 1 : 0)) };
    const bounds = [{ index: place, size: x.shape[moved] as number }];
    return copyView(
      x,
      output,
      { offset: -by * (strides[moved] as number), strides, bounds },
      value,
    );
  },
});
