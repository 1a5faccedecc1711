import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { log1pOf } from '../../lower/stable-formulas.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { sigmoid } from './sigmoid.js';

// max(x, 0) + ln(1 + e^-|x|): e^x would overflow for large x.
function stableSoftplus(x: Expression): Expression {
  const tail = log1pOf(call('exp', call('neg', call('abs', x))));
  return call('add', call('max', x, literal(0, x.dtype)), tail);
}

/** Smooth ramp, `y = ln(1 + e^x)`. */
export const softplus: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'softplus',
  fn: (x) => stableSoftplus(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, sigmoid(x)) }),
});
