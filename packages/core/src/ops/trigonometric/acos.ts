import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { rsqrt } from '../arithmetic/rsqrt.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

// 2 atan(sqrt((1 - x) / (1 + x))) loses no digits near the ends.
function acosOf(x: Expression): Expression {
  const one = literal(1, x.dtype);
  const ratio = call('div', call('sub', one, x), call('add', one, x));
  return call('mul', literal(2, x.dtype), call('atan', call('sqrt', ratio)));
}

/** Arc cosine, in radians from 0 to pi; NaN outside [-1, 1]. */
export const acos: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'acos',
  fn: (x) => acosOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: neg(mul(dy, rsqrt(sub(1, mul(x, x))))) }),
});
