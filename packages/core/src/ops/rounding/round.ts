import { defineUnary, type UnaryOp } from '../elementwise.js';

/** The nearest integer, halves to the even one; integers stay as they are. */
export const round: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'round',
  fn: 'round',
  result: 'same',
  grad: 'zero',
});
