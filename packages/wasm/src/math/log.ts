import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';
import { coefficients, constants } from './coefficients.js';
import { Formula } from './formula.js';
import { polynomial } from './polynomial.js';

const zero = f32x4.const(0);
const infinity = f32x4.const(Number.POSITIVE_INFINITY);
const smallestNormal = f32x4.const(2 ** -126);
const rootHalf = f32x4.const(Math.SQRT1_2);
const fraction = i32x4.const(0x7fffff);

/** x = 2^e (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), for finite x > 0. f is exact. */
export function split(y: Formula, x: Code): { e: Code; f: Code } {
  const small = y.lanes(f32x4.lt(x, smallestNormal));
  const normal = v128.bitselect(f32x4.mul(x, f32x4.const(2 ** 23)), x, small);
  const bits = y.lanes(i32x4.sub(normal, rootHalf));
  const exponent = f32x4.convertI32x4S(i32x4.shrS(bits, i32.const(23)));
  const e = y.lanes(f32x4.sub(exponent, v128.and(small, f32x4.const(23))));
  const m = i32x4.add(v128.and(bits, fraction), rootHalf);
  return { e, f: y.lanes(f32x4.sub(m, f32x4.const(1))) };
}

/** log x to 1.5 ulp. */
export function log(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const { e, f } = split(y, x);
  const [high, low] = constants.ln2;
  const tail = k.fma(f, polynomial(k, f, coefficients.log), f32x4.const(-0.5));
  const square = f32x4.mul(f, f);
  const rest = k.fma(e, f32x4.const(low), f32x4.mul(square, tail));
  const finite = k.fma(e, f32x4.const(high), f32x4.add(f, rest));
  const positive = v128.bitselect(finite, x, f32x4.lt(x, infinity));
  const atZero = v128.bitselect(f32x4.neg(infinity), positive, f32x4.eq(x, zero));
  // All bits set are a NaN.
  return y.equals(v128.or(atZero, f32x4.lt(x, zero)));
}
