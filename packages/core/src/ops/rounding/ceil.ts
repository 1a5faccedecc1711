import { defineUnary, type UnaryOp } from '../elementwise.js';

/** The next integer not below x; integers stay as they are. */
export const ceil: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'ceil',
  fn: 'ceil',
  result: 'same',
  grad: 'zero',
});
