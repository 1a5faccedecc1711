import { div } from './div.js';
import { mul } from './mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Reciprocal square root, `y = x^(-1/2)`. */
export const rsqrt: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'rsqrt',
  fn: 'rsqrt',
  result: 'float',
  grad: ({ x, y, dy }) => ({ x: div(mul(mul(dy, y), -0.5), x) }),
});
