import { call, literal, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { expm1Of } from '../../lower/stable-formulas.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { cosh } from './cosh.js';

// Near 0 by e^x - 1, which does not cancel; far out by e^(x/2), whose square overflows no earlier than the result.
function sinhOf(x: Expression): Expression {
  const number = (value: number) => literal(value, x.dtype);
  const size = call('abs', x);
  const u = expm1Of(size);
  const near = call('mul', number(0.5), call('add', u, call('div', u, call('add', u, number(1)))));
  const root = call('exp', call('mul', number(0.5), size));
  const far = call('mul', call('mul', number(0.5), root), root);
  return call('mul', call('sign', x), select(call('less', size, number(20)), near, far));
}

/** Hyperbolic sine, `y = (e^x - e^-x) / 2`. */
export const sinh: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'sinh',
  fn: (x) => sinhOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, cosh(x)) }),
});
