import type { KernelFunction } from '../../emit/kernel-function.js';
import type { Code } from '../../encoder/code.js';
import { choose } from '../../encoder/function.js';
import { f64, i32, i64 } from '../../encoder/scalar.js';
import { constants, doubleCoefficients } from '../coefficients.js';
import { Formula } from '../formula.js';
import { doublePolynomial } from '../polynomial.js';

const zero = f64.const(0);
const rootHalf = i64.reinterpretF64(f64.const(Math.SQRT1_2));

/** x = 2^e (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), for finite x > 0. f is exact. */
export function doubleSplit(y: Formula, x: Code): { e: Code; f: Code } {
  const small = y.word(f64.lt(x, f64.const(2 ** -1022)));
  const normal = choose(small, f64.mul(x, f64.const(2 ** 54)), x);
  const bits = y.long(i64.sub(i64.reinterpretF64(normal), rootHalf));
  const exponent = f64.convertI64S(i64.shrS(bits, i64.const(52)));
  const e = y.double(f64.sub(exponent, choose(small, f64.const(54), zero)));
  const m = i64.add(i64.and(bits, i64.const(2n ** 52n - 1n)), rootHalf);
  return { e, f: y.double(f64.sub(f64.reinterpretI64(m), f64.const(1))) };
}

/** log(1 + f) = 2 s + s^3 R(s^2) = f - s (f - s^2 R) with s = f / (2 + f). */
export function doubleLog(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const { e, f } = doubleSplit(y, x);
  const [high, low] = constants.doubleLn2;
  const s = y.double(f64.div(f, f64.add(f64.const(2), f)));
  const square = y.double(f64.mul(s, s));
  const series = f64.mul(square, doublePolynomial(square, doubleCoefficients.log));
  const rest = f64.sub(f64.mul(s, f64.sub(f, series)), f64.mul(e, f64.const(low)));
  const finite = f64.sub(f64.mul(e, f64.const(high)), f64.sub(rest, f));
  const positive = choose(f64.lt(x, f64.const(Number.POSITIVE_INFINITY)), finite, x);
  const atZero = choose(f64.eq(x, zero), f64.const(Number.NEGATIVE_INFINITY), positive);
  return y.equals(choose(i32.eqz(f64.lt(x, zero)), atZero, f64.const(Number.NaN)));
}
