import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf } from '../../graph/shape.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { floatLike } from '../elementwise.js';
import { exp } from '../exponential/exp.js';
import { log } from '../exponential/log.js';
import { max } from '../reduction/max.js';
import { sum } from '../reduction/sum.js';
import { softmaxAttrs } from './softmax.js';

/** Logarithm of softmax, `y_i = x_i - ln sum_j e^(x_j)`, without ever forming a probability. Shapes: x -> x. Errors: ATTRIBUTE_INVALID. */
export const logSoftmax: Op<readonly ['x'], typeof softmaxAttrs> = /* @__PURE__ */ defineOp({
  name: 'logSoftmax',
  inputs: ['x'],
  attrs: softmaxAttrs,
  infer({ x }, { axis }) {
    axisOf(axis, x.rank, 'logSoftmax');
    return floatLike(x);
  },
  grad: ({ y, dy }, { axis }) => ({ x: sub(dy, mul(sum(dy, { axis, keepDims: true }), exp(y))) }),
  expand({ x }, { axis }) {
    const shifted = sub(x, max(x, { axis, keepDims: true }));
    return sub(shifted, log(sum(exp(shifted), { axis, keepDims: true })));
  },
});
