import { defineUnary, type UnaryOp } from '../elementwise.js';

/** The next integer not above x; integers stay as they are. */
export const floor: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'floor',
  fn: 'floor',
  result: 'same',
  grad: 'zero',
});
