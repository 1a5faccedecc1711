import { defineReduce, type ReduceOp } from './reduce.js';

/** Whether every element is true, `y = x[0] and x[1] and ...`; anything but 0 is true, and so is `all` of no elements. Errors: ATTRIBUTE_INVALID. */
export const all: ReduceOp = /* @__PURE__ */ defineReduce({
  name: 'all',
  combine: 'min',
  start: () => 1,
  result: () => 'bool',
  grad: 'zero',
});
