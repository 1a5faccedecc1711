import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { sin } from './sin.js';

/** Cosine of an angle in radians. */
export const cos: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'cos',
  fn: 'cos',
  result: 'float',
  grad: ({ x, dy }) => ({ x: neg(mul(dy, sin(x))) }),
});
