import { defineOp } from '../../graph/define-op.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { exp } from '../exponential/exp.js';
import { log } from '../exponential/log.js';
import { finite } from '../finite.js';
import { reshapeLike } from '../shape/reshape-like.js';
import { keptLike } from './kept-like.js';
import { max } from './max.js';
import { type ReduceOp, reduceAttrs, reducedShape } from './reduce.js';
import { sum } from './sum.js';

/**
 * Logarithm of a sum of exponentials over axes, `y = log sum_i e^x[i]`, without overflow; -Infinity for no elements.
 * Errors: ATTRIBUTE_INVALID.
 */
export const logSumExp: ReduceOp = /* @__PURE__ */ defineOp({
  name: 'logSumExp',
  inputs: ['x'],
  attrs: reduceAttrs,
  infer: ({ x }, attrs) => ({
    dtype: floatLike(x).dtype,
    shape: reducedShape(x, attrs, 'logSumExp'),
  }),
  // dx = dy e^(x - y), the softmax of x
  grad({ x, y, dy }, attrs) {
    return { x: mul(keptLike(dy, x, attrs), exp(sub(x, finite(keptLike(y, x, attrs))))) };
  },
  expand({ x }, attrs) {
    const given = cast(x, { dtype: floatLike(x).dtype });
    const most = finite(max(given, { axis: attrs.axis, keepDims: true }));
    const total = log(sum(exp(sub(given, most)), attrs));
    return add(total, reshapeLike(most, total));
  },
});
