import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { cos } from './cos.js';

/** Sine of an angle in radians. */
export const sin: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'sin',
  fn: 'sin',
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, cos(x)) }),
});
