import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { notBelow } from '../finite.js';
import { tanh } from '../trigonometric/tanh.js';
import { geluSlope, normalBelow } from './gelu-slope.js';

function exactGelu(x: Expression): Expression {
  const number = (value: number) => literal(value, x.dtype);
  // Below -100 it is 0, and -Infinity times 0 would be NaN.
  const value = call('max', x, number(-100));
  return call('mul', value, normalBelow(x));
}

/** The op behind `gelu`: `y = x (1 + erf(x / sqrt(2))) / 2`. The gradient needs x alone, so nothing else is kept for it. */
export const geluOp: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'gelu',
  fn: (x) => exactGelu(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, geluSlope(x)) }),
});

/** Gaussian error linear unit, `y = x (1 + erf(x / sqrt(2))) / 2`, or by `tanh` when `approximate`. Source: Hendrycks and Gimpel 2016, arXiv 1606.08415. */
export function gelu(
  x: TensorLike,
  { approximate = false }: { approximate?: boolean } = {},
): Tensor {
  const given = constantOf(x, undefined, 'gelu');
  if (!approximate) return geluOp(given);
  const value = notBelow(given, -100);
  const cubic = add(mul(mul(value, value), 0.044715), 1);
  const inner = tanh(mul(mul(value, Math.sqrt(2 / Math.PI)), cubic));
  return mul(mul(value, 0.5), add(inner, 1));
}
