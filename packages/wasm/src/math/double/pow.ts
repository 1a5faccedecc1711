import type { KernelFunction } from '../../emit/kernel-function.js';
import type { Code } from '../../encoder/code.js';
import { choose } from '../../encoder/function.js';
import { f64, i32 } from '../../encoder/scalar.js';
import { constants, doubleCoefficients } from '../coefficients.js';
import { Formula } from '../formula.js';
import { doublePolynomial } from '../polynomial.js';
import { doubleExpBounded, withinExp } from './exp.js';
import { doubleSplit } from './log.js';
import { exactProduct, exactSum, exactSumOrdered, multiplyPairs, type Pair } from './pair.js';

const [zero, one, two] = [f64.const(0), f64.const(1), f64.const(2)];
const infinity = f64.const(Number.POSITIVE_INFINITY);

/** log(1 + f) = 2 s (1 + s^2 / 3 + s^4 T(s^2)) with s = f / (2 + f); only the last summand is small enough for one double. */
function logPair(y: Formula, f: Code): Pair {
  const below = exactSumOrdered(y, two, f);
  const high = y.double(f64.div(f, below.high));
  const product = exactProduct(y, high, below.high);
  const missing = f64.sub(f64.sub(f, product.high), product.low);
  const low = f64.div(f64.sub(missing, f64.mul(high, below.low)), below.high);
  const s = { high, low: y.double(low) };
  const square = multiplyPairs(y, s, s);
  const [thirdHigh, thirdLow] = constants.thirdPair;
  const third = { high: f64.const(thirdHigh), low: f64.const(thirdLow) };
  const cubic = multiplyPairs(y, square, third);
  const z = square.high;
  const rest = f64.mul(f64.mul(z, z), doublePolynomial(z, doubleCoefficients.powLog));
  const sum = exactSumOrdered(y, one, cubic.high);
  const tail = y.double(f64.add(rest, f64.add(sum.low, cubic.low)));
  return multiplyPairs(y, s, exactSumOrdered(y, sum.high, tail));
}

/** log size in twice the precision, for finite size > 0. */
export function logOf(y: Formula, size: Code): Pair {
  const { e, f } = doubleSplit(y, size);
  const [ln2High, ln2Low] = constants.doubleLn2;
  const fraction = logPair(y, f);
  const whole = y.double(f64.mul(e, f64.const(ln2High)));
  const sum = exactSum(y, whole, y.double(f64.mul(two, fraction.high)));
  const tail = f64.add(f64.mul(two, fraction.low), f64.mul(e, f64.const(ln2Low)));
  return exactSumOrdered(y, sum.high, y.double(f64.add(sum.low, tail)));
}

/** size^b for finite size > 0 and finite b: b multiplies the error of the logarithm. */
function powerOfFinite(y: Formula, size: Code, b: Code): Code {
  const logarithm = logOf(y, size);
  // Beyond 2^70 every power but of 1 is 0 or Infinity, and exact products would overflow.
  const bounded = f64.min(f64.max(b, f64.const(-(2 ** 70))), f64.const(2 ** 70));
  const power = y.double(bounded);
  const t = exactProduct(y, power, logarithm.high);
  const within = f64.lt(f64.abs(t.high), f64.const(745.5));
  const low = f64.add(t.low, f64.mul(power, logarithm.low));
  return doubleExpBounded(y, y.double(withinExp(t.high)), y.double(choose(within, low, zero)));
}

/** As the f32 function. */
function powerAtEnds(y: Formula, size: Code, b: Code): Code {
  const direction = f64.convertI32S(i32.sub(f64.gt(size, one), f64.lt(size, one)));
  const grows = y.double(f64.mul(b, direction));
  const known = choose(f64.gt(grows, zero), infinity, zero);
  return choose(f64.eq(grows, grows), known, grows);
}

/** As the f32 function. */
export function doublePow(k: KernelFunction, a: Code, b: Code): Code {
  const y = new Formula(k.f);
  const size = y.double(f64.abs(a));
  const endless = y.word(f64.eq(size, infinity));
  const ends = i32.or(i32.or(f64.eq(size, zero), endless), f64.eq(f64.abs(b), infinity));
  const atEnds = powerAtEnds(y, size, b);
  const magnitude = y.double(choose(ends, atEnds, powerOfFinite(y, size, b)));
  const isWhole = (v: Code): Code => f64.eq(v, f64.trunc(v));
  const whole = y.word(isWhole(b));
  const half = y.double(f64.mul(b, f64.const(0.5)));
  const odd = i32.and(whole, i32.eqz(isWhole(half)));
  const signed = y.double(choose(odd, f64.copysign(magnitude, a), magnitude));
  const noRoot = i32.and(f64.lt(a, zero), i32.eqz(i32.or(whole, endless)));
  const noNumber = i32.or(f64.ne(a, a), f64.ne(b, b));
  const value = choose(i32.or(noRoot, noNumber), f64.const(Number.NaN), signed);
  return y.equals(choose(f64.eq(b, zero), one, value));
}
