import type { Expression } from '../../lower/loop-ir.js';
import { log1pOf } from '../../lower/stable-formulas.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** `y = ln(1 + x)`, exact near 0 too; -infinity at -1, NaN below. */
export const log1p: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'log1p',
  fn: (x) => log1pOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: div(dy, add(x, 1)) }),
});
