import { extremeGradient } from './extreme-gradient.js';
import { defineReduce, greatestOf, type ReduceOp } from './reduce.js';

/** Smallest element over axes, `y = min_i x[i]`; NaN if there is one, the greatest value of the dtype for no elements. Errors: ATTRIBUTE_INVALID. */
export const min: ReduceOp = /* @__PURE__ */ defineReduce({
  name: 'min',
  combine: 'min',
  start: greatestOf,
  grad: extremeGradient,
});
