import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { f32x4 } from '../encoder/simd.js';
import { coefficients } from './coefficients.js';
import { expMinusOne, withSign } from './exp.js';
import { Formula } from './formula.js';
import { polynomial } from './polynomial.js';

/** erf |x| = 1 - e^(-|x| P(|x|)); from 4 on it rounds to 1. */
export function erf(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const size = y.lanes(f32x4.pmin(f32x4.abs(x), f32x4.const(4)));
  const exponent = y.lanes(f32x4.mul(f32x4.neg(size), polynomial(k, size, coefficients.erf)));
  return y.equals(withSign(x, expMinusOne(k, y, exponent)));
}
