import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { clipByValue } from '../arithmetic/clip-by-value.js';
import { mul } from '../arithmetic/mul.js';
import { square } from '../arithmetic/square.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { exp } from '../exponential/exp.js';

const density = 1 / Math.sqrt(2 * Math.PI);

// Beyond the bounds the density is 0, and infinity times 0 would be NaN.
const bounded = (x: Expression): Expression =>
  call('min', call('max', x, literal(-100, x.dtype)), literal(100, x.dtype));

/** `(1 + erf(x / sqrt(2))) / 2`: how much of the normal distribution lies below x. */
export function normalBelow(x: Expression): Expression {
  const inner = call('erf', call('mul', bounded(x), literal(Math.SQRT1_2, x.dtype)));
  return call('mul', call('add', inner, literal(1, x.dtype)), literal(0.5, x.dtype));
}

function slope(x: Expression): Expression {
  const value = bounded(x);
  const bell = call('exp', call('mul', call('mul', value, value), literal(-0.5, x.dtype)));
  const scaled = call('mul', bell, literal(density, x.dtype));
  return call('add', normalBelow(x), call('mul', value, scaled));
}

/** Derivative of `gelu`: `y = (1 + erf(x / sqrt(2))) / 2 + x e^(-x^2 / 2) / sqrt(2 pi)`. */
export const geluSlope: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'geluSlope',
  fn: (x) => slope(x as Expression),
  result: 'float',
  grad({ x, dy }) {
    const near = square(clipByValue(x, { min: -100, max: 100 }));
    return { x: mul(dy, mul(mul(exp(mul(near, -0.5)), density), sub(2, near))) };
  },
});
