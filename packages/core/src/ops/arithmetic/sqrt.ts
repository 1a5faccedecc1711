import { defineUnary, type UnaryOp } from '../elementwise.js';
import { div } from './div.js';
import { mul } from './mul.js';

/** Square root, `y = x^(1/2)`; NaN below 0. */
export const sqrt: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'sqrt',
  fn: 'sqrt',
  result: 'float',
  grad: ({ y, dy }) => ({ x: div(mul(dy, 0.5), y) }),
});
