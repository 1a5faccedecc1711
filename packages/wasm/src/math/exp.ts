import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';
import { coefficients, constants } from './coefficients.js';
import { Formula } from './formula.js';
import { polynomial } from './polynomial.js';

const one = f32x4.const(1);
/** Adding it rounds to whole numbers, which are then the low bits. */
const rounder = f32x4.const(1.5 * 2 ** 23);
/** Or-ed to a number: minus its size. */
export const signBit = i32x4.const(-(2 ** 31));

/** 2^n of whole numbers n in the low bits of lanes; higher bits than the exponent's are shifted out. */
export const powerOfTwo = (n: Code): Code => i32x4.add(i32x4.shl(n, i32.const(23)), one);

/** e^x = 2^n (1 + m): n in the low bits, and m. */
function reduce(k: KernelFunction, y: Formula, x: Code): { n: Code; m: Code } {
  const [high, low] = constants.ln2;
  const n = y.lanes(k.fma(x, f32x4.const(constants.log2e), rounder));
  const whole = y.lanes(f32x4.sub(n, rounder));
  const near = k.fma(whole, f32x4.const(-high), x);
  const r = y.lanes(k.fma(whole, f32x4.const(-low), near));
  const tail = polynomial(k, r, coefficients.exp);
  return { n, m: k.fma(f32x4.mul(r, r), tail, r) };
}

/** e^x where it does not overflow, for x >= -104. Results below 2^-126 need two factors. */
function bounded(k: KernelFunction, y: Formula, x: Code): Code {
  const { n, m } = reduce(k, y, x);
  const half = y.lanes(i32x4.shrS(n, i32.const(1)));
  const scale = y.lanes(powerOfTwo(half));
  return f32x4.mul(k.fma(m, scale, scale), powerOfTwo(i32x4.sub(n, half)));
}

/** e^x - 1 for -80 <= x <= 0, exact near 0. */
export function expMinusOne(k: KernelFunction, y: Formula, x: Code): Code {
  const { n, m } = reduce(k, y, x);
  const scale = y.lanes(powerOfTwo(n));
  return k.fma(m, scale, f32x4.sub(scale, one));
}

/** x's sign on the magnitude of y. */
export const withSign = (x: Code, y: Code): Code => v128.bitselect(x, y, signBit);

/** e^x to 1.1 ulp. NaN passes through pmin and pmax, as it does in the functions below. */
export function exp(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  // A product that underflows costs processors a hundred cycles, and scores that are masked out do so in every row.
  const vanishes = y.lanes(f32x4.lt(x, f32x4.const(-104)));
  const clamped = y.lanes(v128.andnot(f32x4.pmin(x, f32x4.const(89)), vanishes));
  return y.equals(v128.andnot(bounded(k, y, clamped), vanishes));
}

/** 1 / (1 + e^-x) as e^x / (1 + e^x) for x < 0, which keeps its small results; to 2.2 ulp. */
export function sigmoid(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const clamped = y.lanes(f32x4.pmax(v128.or(x, signBit), f32x4.const(-104)));
  const e = y.lanes(bounded(k, y, clamped));
  const above = v128.bitselect(e, one, f32x4.lt(x, f32x4.const(0)));
  return y.equals(f32x4.div(above, f32x4.add(one, e)));
}

/** tanh |x| = -e / (2 + e) with e = e^(-2|x|) - 1; the divisor is not computed from e, which is rounded. To 2 ulp. */
export function tanh(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const twice = f32x4.mul(v128.or(x, signBit), f32x4.const(2));
  const { n, m } = reduce(k, y, y.lanes(f32x4.pmax(twice, f32x4.const(-20))));
  const scale = y.lanes(powerOfTwo(n));
  const e = k.fma(m, scale, f32x4.sub(scale, one));
  return y.equals(withSign(x, f32x4.div(e, k.fma(m, scale, f32x4.add(scale, one)))));
}
