import { defineUnary, type UnaryOp } from '../elementwise.js';
import { mul } from './mul.js';
import { sign } from './sign.js';

/** Magnitude, `y = |x|`; the least integer of a dtype has none and stays. The gradient at 0 is 0. */
export const abs: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'abs',
  fn: 'abs',
  result: 'same',
  grad: ({ x, dy }) => ({ x: mul(dy, sign(x)) }),
});
