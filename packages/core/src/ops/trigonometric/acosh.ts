import { call, literal, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { log1pOf } from '../../lower/stable-formulas.js';
import { mul } from '../arithmetic/mul.js';
import { rsqrt } from '../arithmetic/rsqrt.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

// ln(1 + t + sqrt(t (t + 2))) with t = x - 1 does not cancel; far out t^2 would overflow, and is all that counts.
function acoshOf(x: Expression): Expression {
  const number = (value: number) => literal(value, x.dtype);
  const t = call('sub', x, number(1));
  const near = log1pOf(call('add', t, call('sqrt', call('mul', t, call('add', t, number(2))))));
  const far = call('add', call('log', x), number(Math.LN2));
  const inside = select(call('less', x, number(1e8)), near, far);
  return select(call('less', x, number(1)), number(Number.NaN), inside);
}

/** Inverse hyperbolic cosine, `y = ln(x + sqrt(x^2 - 1))`; NaN below 1. */
export const acosh: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'acosh',
  fn: (x) => acoshOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, rsqrt(sub(mul(x, x), 1))) }),
});
