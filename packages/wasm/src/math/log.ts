import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { either, when } from '../encoder/function.js';
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

/** What the lanes are where one of them is below 2^-126: they are scaled and the exponent says so. */
function normalise(y: Formula, x: Code, rare: Code): { normal: Code; scaled: Code } {
  const [normal, scaled] = [y.variable('v128', x), y.variable('v128', zero)];
  const small = y.variable('v128');
  const larger = f32x4.mul(x, f32x4.const(2 ** 23));
  const scale = seq(
    small.set(f32x4.lt(x, smallestNormal)),
    normal.set(v128.bitselect(larger, x, small.get)),
    scaled.set(v128.and(small.get, f32x4.const(23))),
  );
  y.statement(when(rare, scale));
  return { normal: normal.get, scaled: scaled.get };
}

/**
 * x = 2^e (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), for finite x > 0. f is exact. `rare`, an i32, must be set where a
 * lane is below 2^-126.
 */
export function split(y: Formula, x: Code, rare: Code): { e: Code; f: Code } {
  const { normal, scaled } = normalise(y, x, rare);
  const bits = y.lanes(i32x4.sub(normal, rootHalf));
  const exponent = f32x4.convertI32x4S(i32x4.shrS(bits, i32.const(23)));
  const e = y.lanes(f32x4.sub(exponent, scaled));
  const m = i32x4.add(v128.and(bits, fraction), rootHalf);
  return { e, f: y.lanes(f32x4.sub(m, f32x4.const(1))) };
}

/** The values at 0, below it, at Infinity and NaN. */
function atEnds(x: Code, inside: Code): Code {
  const positive = v128.bitselect(inside, x, f32x4.lt(x, infinity));
  const atZero = v128.bitselect(f32x4.neg(infinity), positive, f32x4.eq(x, zero));
  // All bits set are a NaN.
  return v128.or(atZero, f32x4.lt(x, zero));
}

/** log x to 1 ulp. */
export function log(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const usual = v128.and(f32x4.ge(x, smallestNormal), f32x4.lt(x, infinity));
  const rare = y.word(i32.eqz(i32x4.allTrue(usual)));
  const { e, f } = split(y, x, rare);
  const [high, low] = constants.ln2;
  const tail = k.fma(f, polynomial(k, f, coefficients.log), f32x4.const(-0.5));
  const square = f32x4.mul(f, f);
  const rest = k.fma(e, f32x4.const(low), f32x4.mul(square, tail));
  const inside = y.lanes(k.fma(e, f32x4.const(high), f32x4.add(f, rest)));
  return y.equals(either('v128', rare, atEnds(x, inside), inside));
}
