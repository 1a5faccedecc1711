import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { mul } from '../arithmetic/mul.js';
import { rsqrt } from '../arithmetic/rsqrt.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

// 2 atan(x / (1 + sqrt((1 - x)(1 + x)))) loses no digits near the ends.
function asinOf(x: Expression): Expression {
  const one = literal(1, x.dtype);
  const root = call('sqrt', call('mul', call('sub', one, x), call('add', one, x)));
  return call('mul', literal(2, x.dtype), call('atan', call('div', x, call('add', one, root))));
}

/** Arc sine, in radians from -pi/2 to pi/2; NaN outside [-1, 1]. */
export const asin: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'asin',
  fn: (x) => asinOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, rsqrt(sub(1, mul(x, x)))) }),
});
