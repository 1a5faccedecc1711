import type { Expression } from '../../lower/loop-ir.js';
import { expm1Of } from '../../lower/stable-formulas.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** `y = e^x - 1`, exact near 0 too. */
export const expm1: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'expm1',
  fn: (x) => expm1Of(x as Expression),
  result: 'float',
  grad: ({ y, dy }) => ({ x: mul(dy, add(y, 1)) }),
});
