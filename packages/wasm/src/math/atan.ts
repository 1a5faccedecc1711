import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';
import { coefficients } from './coefficients.js';
import { withSign } from './exp.js';
import { Formula } from './formula.js';
import { polynomial } from './polynomial.js';

/** tan(pi / 8) */
export const eighthTurnTangent = Math.SQRT2 - 1;
const halfPi32 = Math.fround(Math.PI / 2);

/**
 * atan of s = min(|x|, 1) / max(|x|, 1), which beyond tan(pi / 8) is pi / 4 + atan((s - 1) / (s + 1)), in one division;
 * for |x| > 1 subtracted from pi / 2. To 2.1 ulp.
 */
export function atan(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const one = f32x4.const(1);
  const size = y.lanes(f32x4.abs(x));
  const low = y.lanes(f32x4.pmin(size, one));
  const high = y.lanes(f32x4.pmax(size, one));
  const steep = y.lanes(f32x4.gt(low, f32x4.mul(high, f32x4.const(eighthTurnTangent))));
  const above = f32x4.sub(low, v128.and(high, steep));
  const u = y.lanes(f32x4.div(above, f32x4.add(high, v128.and(low, steep))));
  const square = y.lanes(f32x4.mul(u, u));
  const tail = f32x4.mul(square, polynomial(k, square, coefficients.atan));
  const outside = y.lanes(f32x4.gt(size, one));
  const flip = v128.and(outside, i32x4.const(-(2 ** 31)));
  const angle = v128.xor(k.fma(tail, u, u), flip);
  const quarter = v128.and(f32x4.const(halfPi32), outside);
  const base = y.lanes(v128.bitselect(f32x4.const(halfPi32 / 2), quarter, steep));
  // What single precision leaves of pi / 2, in proportion to the base.
  const rest = f32x4.const((Math.PI / 2 - halfPi32) / halfPi32);
  return y.equals(withSign(x, f32x4.add(base, k.fma(base, rest, angle))));
}
