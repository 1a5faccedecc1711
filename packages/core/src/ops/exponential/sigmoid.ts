import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Logistic function, `y = 1 / (1 + e^-x)`. */
export const sigmoid: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'sigmoid',
  fn: 'sigmoid',
  result: 'float',
  grad: ({ y, dy }) => ({ x: mul(dy, mul(y, sub(1, y))) }),
});
