import { defineUnary, type UnaryOp } from '../elementwise.js';
import { mul } from './mul.js';

/** Reciprocal square root, `y = x^(-1/2)`; NaN below 0. */
export const rsqrt: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'rsqrt',
  fn: 'rsqrt',
  result: 'float',
  grad: ({ y, dy }) => ({ x: mul(mul(dy, -0.5), mul(y, mul(y, y))) }),
});
