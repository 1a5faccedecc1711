import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type FunctionBuilder, type Local, when } from '../encoder/function.js';
import { f32, f64, i32, i64 } from '../encoder/scalar.js';
import { f32x4, f64x2, i8x16, i32x4, v128 } from '../encoder/simd.js';
import { coefficients, constants } from './coefficients.js';
import { withSign } from './exp.js';
import { Formula } from './formula.js';
import { polynomial } from './polynomial.js';
import { turnsOf, wordsOfSingle } from './turns.js';

/** Up to here the quarter turns times the first 33 bits of pi / 2 are exact in double precision. */
const near = 2 ** 20;

const upper = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const evenWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const nextLane = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3];

/** Quarter turns, in their low bits, and radians that remain of two angles. In double precision nothing that cancels is lost. */
function reducePair(y: Formula, x: Code): { n: Code; r: Code } {
  const angle = y.lanes(f64x2.promoteLowF32x4(x));
  const rounder = f64x2.const(1.5 * 2 ** 52);
  const n = y.lanes(f64x2.add(f64x2.mul(angle, f64x2.const(2 / Math.PI)), rounder));
  const whole = y.lanes(f64x2.sub(n, rounder));
  const [high, low] = constants.halfPi;
  const rest = f64x2.sub(angle, f64x2.mul(whole, f64x2.const(high)));
  const r = f64x2.sub(rest, f64x2.mul(whole, f64x2.const(low)));
  return { n, r: f32x4.demoteF64x2Zero(r) };
}

interface Angles {
  readonly x: Local;
  /** Quarter turns in the low bits, and radians that remain. */
  readonly n: Local;
  readonly r: Local;
}

/** Reduces the angle in lane 0 again if it is large. The bits of positive floats are in the order of their sizes. */
function reduceFar(f: FunctionBuilder, { x, n, r }: Angles): Code {
  const y = new Formula(f);
  const lane = i32x4.extractLane(0, x.get);
  const bits = y.word(i32.and(lane, i32.const(0x7fffffff)));
  const mantissa = i32.or(i32.and(bits, i32.const(0x7fffff)), i32.const(0x800000));
  const m = y.long(i64.extendI32U(mantissa));
  const e = y.word(i32.sub(i32.shrU(bits, i32.const(23)), i32.const(150)));
  const { quarters, rest } = turnsOf(y, { m, e, words: wordsOfSingle });
  const sign = y.word(i32.or(i32.shrS(lane, i32.const(31)), i32.const(1)));
  const signed = f32.demoteF64(f64.mul(rest, f64.convertI32S(sign)));
  const finite = f32.lt(f32.abs(f32x4.extractLane(0, x.get)), f32.const(Number.POSITIVE_INFINITY));
  const far = f32.ge(f32.abs(f32x4.extractLane(0, x.get)), f32.const(near));
  return when(
    i32.and(far, finite),
    y.equals(
      seq(
        n.set(i32x4.replaceLane(0, n.get, i32.mul(quarters, sign))),
        r.set(f32x4.replaceLane(0, r.get, signed)),
      ),
    ),
  );
}

function reduce(f: FunctionBuilder, y: Formula, angles: Angles): void {
  const { x, n, r } = angles;
  const rotated = (v: Local): Code => v.set(i8x16.shuffle(v.get, v.get, nextLane));
  const first = reducePair(y, x.get);
  const second = reducePair(y, i8x16.shuffle(x.get, x.get, upper));
  y.statement(n.set(i8x16.shuffle(first.n, second.n, evenWords)));
  y.statement(r.set(i8x16.shuffle(first.r, second.r, lowHalves)));
  const eachLane = f.for({ to: i32.const(4) }, () =>
    seq(reduceFar(f, angles), rotated(x), rotated(n), rotated(r)),
  );
  y.statement(when(v128.anyTrue(f32x4.ge(f32x4.abs(x.get), f32x4.const(near))), eachLane));
}

/** sin(x + quarters pi / 2): by the quarter turns the sine or cosine of the rest, with a sign. */
const shifted =
  (quarters: number) =>
  (k: KernelFunction, angle: Code): Code => {
    const y = new Formula(k.f);
    const angles = { x: k.f.v128(), n: k.f.v128(), r: k.f.v128() };
    y.statement(angles.x.set(angle));
    reduce(k.f, y, angles);
    const n = y.lanes(i32x4.add(angles.n.get, i32x4.const(quarters)));
    const r = angles.r.get;
    const square = y.lanes(f32x4.mul(r, r));
    const cube = f32x4.mul(square, r);
    const sine = withSign(r, k.fma(cube, polynomial(k, square, coefficients.sin), r));
    const tail = k.fma(square, polynomial(k, square, coefficients.cos), f32x4.const(-0.5));
    const cosine = k.fma(square, tail, f32x4.const(1));
    const odd = i32x4.shrS(i32x4.shl(n, i32.const(31)), i32.const(31));
    const flip = i32x4.shl(i32x4.shrU(n, i32.const(1)), i32.const(31));
    return y.equals(v128.xor(v128.bitselect(cosine, sine, odd), flip));
  };

/** sin x to 1.5 ulp of any finite angle; of infinities NaN. */
export const sin = shifted(0);
/** cos x, as sin x. */
export const cos = shifted(1);
