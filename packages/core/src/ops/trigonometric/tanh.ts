import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Hyperbolic tangent, `y = (e^x - e^-x) / (e^x + e^-x)`. */
export const tanh: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'tanh',
  fn: 'tanh',
  result: 'float',
  grad: ({ y, dy }) => ({ x: mul(dy, sub(1, mul(y, y))) }),
});
