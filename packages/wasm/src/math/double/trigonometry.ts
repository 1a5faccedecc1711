import type { KernelFunction } from '../../emit/kernel-function.js';
import { type Code, seq } from '../../encoder/code.js';
import { choose, type Local, when } from '../../encoder/function.js';
import { f64, i32, i64 } from '../../encoder/scalar.js';
import { constants, doubleCoefficients } from '../coefficients.js';
import { Formula } from '../formula.js';
import { doublePolynomial } from '../polynomial.js';
import { turnsOf, wordsOfDouble } from '../turns.js';
import { exactSum } from './pair.js';

/** Up to here the quarter turns times 33 bits of pi / 2 are exact. */
const near = 2 ** 20;

interface Reduced {
  /** Quarter turns in the low bits. */
  readonly n: Local;
  /** Radians that remain. */
  readonly r: Local;
}

/** Every difference keeps what it rounds away, as multiples of pi / 2 come close to doubles. */
function reduceNear(y: Formula, x: Code, { n, r }: Reduced): void {
  const whole = y.double(f64.nearest(f64.mul(x, f64.const(2 / Math.PI))));
  const [first, second, third, fourth] = constants.halfPi;
  const times = (part: number): Code => f64.mul(whole, f64.const(part));
  const a = exactSum(y, y.double(f64.sub(x, times(first))), y.double(f64.neg(times(second))));
  const b = exactSum(y, a.high, y.double(f64.neg(times(third))));
  const rest = f64.sub(f64.add(a.low, b.low), times(fourth));
  y.statement(n.set(i32.truncSatF64S(whole)));
  // The sum would turn -0 into 0.
  y.statement(r.set(choose(f64.eq(whole, f64.const(0)), x, f64.add(b.high, rest))));
}

function reduceFar(k: KernelFunction, x: Code, { n, r }: Reduced): Code {
  const y = new Formula(k.f);
  const bits = y.long(i64.reinterpretF64(f64.abs(x)));
  const hidden = i64.const(2n ** 52n);
  const m = y.long(i64.or(i64.and(bits, i64.const(2n ** 52n - 1n)), hidden));
  const exponent = i32.wrapI64(i64.shrU(bits, i64.const(52)));
  const e = y.word(i32.sub(exponent, i32.const(1075)));
  const { quarters, rest } = turnsOf(y, { m, e, words: wordsOfDouble });
  const negative = f64.lt(x, f64.const(0));
  return y.equals(
    seq(
      n.set(choose(negative, i32.sub(i32.const(0), quarters), quarters)),
      r.set(choose(negative, f64.neg(rest), rest)),
    ),
  );
}

/** As `shifted` of the f32 functions. */
const shifted =
  (quarters: number) =>
  (k: KernelFunction, x: Code): Code => {
    const y = new Formula(k.f);
    const reduced = { n: k.f.i32(), r: k.f.local('f64') };
    reduceNear(y, x, reduced);
    const size = f64.abs(x);
    const finite = f64.lt(size, f64.const(Number.POSITIVE_INFINITY));
    const far = i32.and(f64.ge(size, f64.const(near)), finite);
    y.statement(when(far, reduceFar(k, x, reduced)));
    const n = y.word(i32.add(reduced.n.get, i32.const(quarters)));
    const r = reduced.r.get;
    const square = y.double(f64.mul(r, r));
    const cube = f64.mul(square, r);
    const series = f64.mul(cube, doublePolynomial(square, doubleCoefficients.sin));
    const sine = f64.copysign(f64.add(r, series), r);
    const half = y.double(f64.mul(square, f64.const(0.5)));
    const tail = f64.mul(f64.mul(square, square), doublePolynomial(square, doubleCoefficients.cos));
    const rough = y.double(f64.sub(f64.const(1), half));
    // What 1 - r^2 / 2 rounds away.
    const lost = f64.sub(f64.sub(f64.const(1), rough), half);
    const cosine = f64.add(rough, f64.add(lost, tail));
    const value = y.double(choose(i32.and(n, i32.const(1)), cosine, sine));
    return y.equals(choose(i32.and(n, i32.const(2)), f64.neg(value), value));
  };

export const doubleSin = shifted(0);
export const doubleCos = shifted(1);
