import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { floatMath } from '../math/index.js';

/** e^-64 of the largest weight is lost in any sum with it. */
const least = f32x4.const(-64);

/**
 * x becomes e^x, or 0 where it is less than e^-64, for x <= 0: numbers so small that they, or products of them, are not normal take
 * a processor a hundred cycles each, and hidden scores are many. NaN stays.
 */
export function exponential(k: KernelFunction, x: Local): Code {
  const small = k.f.v128();
  return seq(
    small.set(f32x4.lt(x.get, least)),
    x.set(f32x4.pmax(x.get, least)),
    x.set(v128.andnot(floatMath.exp(k, x.get), small.get)),
  );
}
