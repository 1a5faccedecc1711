import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { exp } from './exp.js';

/** Error function, `y = 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x`. */
export const erf: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'erf',
  fn: 'erf',
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(mul(dy, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x)))) }),
});
