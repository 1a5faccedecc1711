import { extremeGradient } from './extreme-gradient.js';
import { defineReduce, leastOf, type ReduceOp } from './reduce.js';

/** Largest element over axes, `y = max_i x[i]`; NaN if there is one, the least value of the dtype for no elements. Errors: ATTRIBUTE_INVALID. */
export const max: ReduceOp = /* @__PURE__ */ defineReduce({
  name: 'max',
  combine: 'max',
  start: leastOf,
  grad: extremeGradient,
});
