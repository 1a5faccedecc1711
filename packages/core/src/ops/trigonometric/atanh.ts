import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { log1pOf } from '../../lower/stable-formulas.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

// ln(1 + 2a / (1 - a)) / 2 with a = |x| does not cancel near 0.
function atanhOf(x: Expression): Expression {
  const number = (value: number) => literal(value, x.dtype);
  const size = call('abs', x);
  const ratio = call('div', call('mul', number(2), size), call('sub', number(1), size));
  return call('mul', call('sign', x), call('mul', number(0.5), log1pOf(ratio)));
}

/** Inverse hyperbolic tangent, `y = ln((1 + x) / (1 - x)) / 2`; infinite at -1 and 1, NaN outside. */
export const atanh: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'atanh',
  fn: (x) => atanhOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: div(dy, sub(1, mul(x, x))) }),
});
