import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { add } from '../arithmetic/add.js';
import { clipByValue } from '../arithmetic/clip-by-value.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { sigmoid } from '../exponential/sigmoid.js';

const bound = 1e4;

function slope(x: Expression): Expression {
  const number = (value: number) => literal(value, x.dtype);
  // Beyond the bounds s (1 - s) is 0, and infinity times 0 would be NaN.
  const value = call('min', call('max', x, number(-bound)), number(bound));
  const s = call('sigmoid', value);
  const rest = call('mul', value, call('sub', number(1), s));
  return call('mul', s, call('add', rest, number(1)));
}

/** Derivative of `silu`, with s = 1 / (1 + e^-x): `y = s (1 + x (1 - s))`. */
export const siluSlope: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'siluSlope',
  fn: (x) => slope(x as Expression),
  result: 'float',
  grad({ x, dy }) {
    const value = clipByValue(x, { min: -bound, max: bound });
    const s = sigmoid(value);
    const bend = add(mul(value, sub(1, mul(s, 2))), 2);
    return { x: mul(dy, mul(mul(s, sub(1, s)), bend)) };
  },
});
