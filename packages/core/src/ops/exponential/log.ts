import { div } from '../arithmetic/div.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Natural logarithm, `y = ln x`. */
export const log: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'log',
  fn: 'log',
  result: 'float',
  grad: ({ x, dy }) => ({ x: div(dy, x) }),
});
