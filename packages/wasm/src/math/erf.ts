import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { coefficients } from './coefficients.js';
import { expMinusOne, signBit, withSign } from './exp.js';
import { Formula } from './formula.js';
import { polynomial } from './polynomial.js';

// In -|x| instead of |x|.
const reflected = coefficients.erf.map((c, power) => (power % 2 === 0 ? c : -c));

/** erf |x| = 1 - e^(-|x| (1 + P(|x|))); from 4 on it rounds to 1. To 2 ulp. */
export function erf(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const v = y.lanes(f32x4.pmax(v128.or(x, signBit), f32x4.const(-4)));
  const exponent = y.lanes(k.fma(v, polynomial(k, v, reflected), v));
  return y.equals(withSign(x, expMinusOne(k, y, exponent)));
}
