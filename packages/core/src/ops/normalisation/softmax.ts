import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf } from '../../graph/shape.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { floatLike } from '../elementwise.js';
import { exp } from '../exponential/exp.js';
import { max } from '../reduction/max.js';
import { sum } from '../reduction/sum.js';

export const softmaxAttrs = z.strictObject({ axis: z.int().default(-1) });

/** Probabilities from logits along an axis, `y_i = e^(x_i) / sum_j e^(x_j)`. Shapes: x -> x. Errors: ATTRIBUTE_INVALID. */
export const softmax: Op<readonly ['x'], typeof softmaxAttrs> = /* @__PURE__ */ defineOp({
  name: 'softmax',
  inputs: ['x'],
  attrs: softmaxAttrs,
  infer({ x }, { axis }) {
    axisOf(axis, x.rank, 'softmax');
    return floatLike(x);
  },
  grad({ y, dy }, { axis }) {
    const weighted = sum(mul(dy, y), { axis, keepDims: true });
    return { x: mul(sub(dy, weighted), y) };
  },
  expand({ x }, { axis }) {
    // Without the largest logit taken away, e^x overflows above 88 in float32.
    const shifted = exp(sub(x, max(x, { axis, keepDims: true })));
    return div(shifted, sum(shifted, { axis, keepDims: true }));
  },
});
