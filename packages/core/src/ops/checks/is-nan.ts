import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Whether x is not a number; never of integers. */
const isNotANumber: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'isNaN',
  fn: 'isNaN',
  result: 'bool',
  grad: null,
});

// The global function of this name stays in reach inside the file.
export { isNotANumber as isNaN };
