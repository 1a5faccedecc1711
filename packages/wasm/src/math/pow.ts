import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, f64x2, i8x16, i32x4, v128 } from '../encoder/simd.js';
import { coefficients } from './coefficients.js';
import { powerOfTwo } from './exp.js';
import { Formula } from './formula.js';
import { split } from './log.js';
import { doubleLanesPolynomial } from './polynomial.js';

const [zero, one] = [f32x4.const(0), f32x4.const(1)];
const infinity = f32x4.const(Number.POSITIVE_INFINITY);
const upper = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const evenWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/** 2^(b log2(2^e (1 + f))) of two lanes as n, in the low bits, and 2^(what remains). */
function powerOfPair(y: Formula, { e, f, b }: { e: Code; f: Code; b: Code }) {
  const wide = (lanes: Code): Code => y.lanes(f64x2.promoteLowF32x4(lanes));
  const [fraction, exponent, power] = [wide(f), wide(e), wide(b)];
  const s = y.lanes(f64x2.div(fraction, f64x2.add(fraction, f64x2.const(2))));
  const series = doubleLanesPolynomial(y.lanes(f64x2.mul(s, s)), coefficients.powLog2);
  const logarithm = f64x2.add(exponent, f64x2.mul(s, series));
  const bounded = f64x2.pmin(f64x2.mul(power, logarithm), f64x2.const(130));
  const t = y.lanes(f64x2.pmax(bounded, f64x2.const(-160)));
  const rounder = f64x2.const(1.5 * 2 ** 52);
  const n = y.lanes(f64x2.add(t, rounder));
  const rest = y.lanes(f64x2.sub(t, f64x2.sub(n, rounder)));
  const p = f32x4.demoteF64x2Zero(doubleLanesPolynomial(rest, coefficients.powExp2));
  return { n, p: y.lanes(p) };
}

/** size^b for finite size > 0 and finite b. Logarithm and product in double precision: b multiplies the error. */
function powerOfFinite(y: Formula, size: Code, b: Code): Code {
  const rare = y.word(v128.anyTrue(f32x4.lt(size, f32x4.const(2 ** -126))));
  const { e, f } = split(y, size, rare);
  const swapped = (v: Code): Code => i8x16.shuffle(v, v, upper);
  const first = powerOfPair(y, { e, f, b });
  const second = powerOfPair(y, { e: swapped(e), f: swapped(f), b: swapped(b) });
  const n = y.lanes(i8x16.shuffle(first.n, second.n, evenWords));
  const p = i8x16.shuffle(first.p, second.p, lowHalves);
  const half = y.lanes(i32x4.shrS(n, i32.const(1)));
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** Of size or b at the ends of the range: 0 or infinity; NaN of 1 to an infinity, as in ECMAScript. */
function powerAtEnds(y: Formula, size: Code, b: Code): Code {
  const above = v128.and(f32x4.gt(size, one), one);
  const direction = f32x4.sub(above, v128.and(f32x4.lt(size, one), one));
  const grows = y.lanes(f32x4.mul(b, direction));
  return v128.or(v128.and(f32x4.gt(grows, zero), infinity), f32x4.ne(grows, grows));
}

/** a^b to 1 ulp with the special values of ECMAScript's `**`, NaN where IEEE 754 has 1 for 1^NaN and 1^Infinity. */
export function pow(k: KernelFunction, a: Code, b: Code): Code {
  const y = new Formula(k.f);
  const size = y.lanes(f32x4.abs(a));
  const endless = y.lanes(f32x4.eq(size, infinity));
  const ends = y.lanes(
    v128.or(v128.or(f32x4.eq(size, zero), endless), f32x4.eq(f32x4.abs(b), infinity)),
  );
  const atEnds = powerAtEnds(y, size, b);
  const magnitude = y.lanes(v128.bitselect(atEnds, powerOfFinite(y, size, b), ends));
  const isWhole = (v: Code): Code => f32x4.eq(v, f32x4.trunc(v));
  const whole = y.lanes(isWhole(b));
  const half = y.lanes(f32x4.mul(b, f32x4.const(0.5)));
  const odd = v128.andnot(whole, isWhole(half));
  const signed = v128.xor(magnitude, v128.and(v128.and(a, i32x4.const(-(2 ** 31))), odd));
  // All bits set are a NaN.
  const noRoot = v128.andnot(v128.andnot(f32x4.lt(a, zero), whole), endless);
  const noNumber = v128.or(f32x4.ne(a, a), f32x4.ne(b, b));
  const value = v128.or(signed, v128.or(noRoot, noNumber));
  return y.equals(v128.bitselect(one, value, f32x4.eq(b, zero)));
}
