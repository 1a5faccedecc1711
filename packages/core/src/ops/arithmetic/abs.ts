import { mul } from './mul.js';
import { sign } from './sign.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Magnitude, `y = |x|`; the gradient at 0 is 0. */
export const abs: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'abs',
  fn: 'abs',
  result: 'same',
  grad: ({ x, dy }) => ({ x: mul(dy, sign(x)) }),
});
