import { call, literal, select } from './kernel-builder.js';
import type { Expression } from './loop-ir.js';

const number = (value: number, like: Expression): Expression => literal(value, like.dtype);

/**
 * `e^x - 1` without the cancellation near 0: the error that rounding made in `u = e^x` is divided out by `x / ln u`.
 * Source: Higham, Accuracy and Stability of Numerical Algorithms, 1.14.1 (due to Kahan).
 */
export function expm1Of(x: Expression): Expression {
  const u = call('exp', x);
  const less = call('sub', u, number(1, x));
  const corrected = call('mul', less, call('div', x, call('log', u)));
  const same = call('equal', u, number(1, x));
  // Where e^x vanishes or overflows there is nothing left to correct, and ln u is not finite.
  const extreme = call('not', call('isFinite', call('log', u)));
  return select(same, x, select(extreme, less, corrected));
}

/** `ln(1 + x)` without the loss of the low bits of x in `w = 1 + x`: `ln w` is scaled by `x / (w - 1)`. Source: as `expm1Of`. */
export function log1pOf(x: Expression): Expression {
  const w = call('add', number(1, x), x);
  const log = call('log', w);
  const corrected = call('mul', log, call('div', x, call('sub', w, number(1, x))));
  const same = call('equal', w, number(1, x));
  return select(same, x, select(call('isFinite', log), corrected, log));
}
