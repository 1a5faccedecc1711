import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Sign, `y = -1, 0 or 1`; zeros keep their sign, NaN stays NaN. */
export const sign: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'sign',
  fn: 'sign',
  result: 'same',
  grad: 'zero',
});
