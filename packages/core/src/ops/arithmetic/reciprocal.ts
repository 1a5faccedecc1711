import { defineUnary, type UnaryOp } from '../elementwise.js';
import { mul } from './mul.js';
import { neg } from './neg.js';

/** Reciprocal, `y = 1 / x`. */
export const reciprocal: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'reciprocal',
  fn: 'reciprocal',
  result: 'float',
  grad: ({ y, dy }) => ({ x: neg(mul(dy, mul(y, y))) }),
});
