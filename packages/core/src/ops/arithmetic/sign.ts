import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Sign, `y = -1, 0 or 1`; zeros keep their sign, and NaN stays NaN, as in every other function of it. */
export const sign: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'sign',
  fn: 'sign',
  result: 'same',
  grad: 'zero',
});
