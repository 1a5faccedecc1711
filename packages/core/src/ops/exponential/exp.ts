import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Exponential, `y = e^x`. */
export const exp: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'exp',
  fn: 'exp',
  result: 'float',
  grad: ({ y, dy }) => ({ x: mul(dy, y) }),
});
