import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Whether x is neither infinite nor NaN; always of integers. */
const isFiniteNumber: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'isFinite',
  fn: 'isFinite',
  result: 'bool',
  grad: null,
});

// The global function of this name stays in reach inside the file.
export { isFiniteNumber as isFinite };
