import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { siluSlope } from './silu-slope.js';

// -Infinity times 0 would be NaN.
function bounded(x: Expression): Expression {
  const value = call('max', x, literal(-1e4, x.dtype));
  return call('mul', value, call('sigmoid', value));
}

/** Sigmoid linear unit, also called swish, `y = x / (1 + e^-x)`. Source: Elfwing et al. 2017, arXiv 1702.03118. */
export const silu: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'silu',
  fn: (x) => bounded(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, siluSlope(x)) }),
});
