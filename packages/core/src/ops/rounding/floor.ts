import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Largest integer not above x; the gradient is zero. */
export const floor: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'floor',
  fn: 'floor',
  result: 'same',
  grad: 'zero',
});
