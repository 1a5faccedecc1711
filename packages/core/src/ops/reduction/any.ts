import { defineReduce, type ReduceOp } from './reduce.js';

/** Whether some element is true, `y = x[0] or x[1] or ...`; anything but 0 is true; false for no elements. Errors: ATTRIBUTE_INVALID. */
export const any: ReduceOp = /* @__PURE__ */ defineReduce({
  name: 'any',
  combine: 'max',
  start: () => 0,
  result: () => 'bool',
  grad: 'zero',
});
