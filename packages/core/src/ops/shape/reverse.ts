import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axesOf, stridesOf } from '../../graph/shape.js';
import { copyView } from '../../lower/kernel-builder.js';

const attrs = z.strictObject({
  /** Which axes run backwards; all when left out. */
  axis: z.union([z.int(), z.array(z.int())]).optional(),
});

/** x backwards along axes, `y[i] = x[n - 1 - i]`. Errors: ATTRIBUTE_INVALID. */
export const reverse: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'reverse',
  inputs: ['x'],
  attrs,
  infer({ x }, { axis }) {
    axesOf(axis, x.rank, 'reverse');
    return { dtype: x.dtype, shape: x.shape };
  },
  grad: ({ dy }, { axis }) => ({ x: reverse(dy, { axis }) }),
  lower({ inputs: { x }, output, attrs: { axis } }) {
    const back = axesOf(axis, x.shape.length, 'reverse');
    const steps = stridesOf(x.shape);
    const offset = back.reduce(
      (total, i) => total + ((x.shape[i] as number) - 1) * (steps[i] as number),
      0,
    );
    const strides = steps.map((step, i) => (back.includes(i) ? -step : step));
    return copyView(x, output, { offset, strides });
  },
});
