import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Arc tangent, in radians from -pi/2 to pi/2. */
export const atan: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'atan',
  fn: 'atan',
  result: 'float',
  grad: ({ x, dy }) => ({ x: div(dy, add(mul(x, x), 1)) }),
});
