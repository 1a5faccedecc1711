import { call, literal, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { log1pOf } from '../../lower/stable-formulas.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { rsqrt } from '../arithmetic/rsqrt.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

// ln(1 + a + a^2 / (1 + sqrt(a^2 + 1))) with a = |x| does not cancel; far out a^2 would overflow, and is all that counts.
function asinhOf(x: Expression): Expression {
  const number = (value: number) => literal(value, x.dtype);
  const size = call('abs', x);
  const square = call('mul', size, size);
  const root = call('sqrt', call('add', square, number(1)));
  const near = log1pOf(call('add', size, call('div', square, call('add', number(1), root))));
  const far = call('add', call('log', size), number(Math.LN2));
  return call('mul', call('sign', x), select(call('less', size, number(1e8)), near, far));
}

/** Inverse hyperbolic sine, `y = ln(x + sqrt(x^2 + 1))`. */
export const asinh: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'asinh',
  fn: (x) => asinhOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, rsqrt(add(mul(x, x), 1))) }),
});
