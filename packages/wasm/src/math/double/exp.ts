import type { KernelFunction } from '../../emit/kernel-function.js';
import type { Code } from '../../encoder/code.js';
import { choose } from '../../encoder/function.js';
import { f64, i32, i64 } from '../../encoder/scalar.js';
import { constants, doubleCoefficients } from '../coefficients.js';
import { Formula } from '../formula.js';
import { doublePolynomial } from '../polynomial.js';

const one = f64.const(1);

const powerOfTwo = (n: Code): Code => {
  const biased = i64.extendI32S(i32.add(n, i32.const(1023)));
  return f64.reinterpretI64(i64.shl(biased, i64.const(52)));
};

/** e^(x + rest) = 2^n (1 + m): n as an i32, and m. */
function reduce(y: Formula, x: Code, rest?: Code): { n: Code; m: Code } {
  const [high, low] = constants.doubleLn2;
  const whole = y.double(f64.nearest(f64.mul(x, f64.const(constants.log2e))));
  const near = y.double(f64.sub(x, f64.mul(whole, f64.const(high))));
  const part = y.double(f64.mul(whole, f64.const(low)));
  const r = y.double(f64.sub(near, part));
  // What r has lost.
  const lost = f64.sub(f64.sub(near, r), part);
  const far = y.double(rest ? f64.add(lost, rest) : lost);
  const tail = y.double(f64.mul(f64.mul(r, r), doublePolynomial(r, doubleCoefficients.exp)));
  const correction = f64.add(far, f64.mul(far, f64.add(r, tail)));
  const m = y.double(f64.add(r, f64.add(tail, correction)));
  return { n: y.word(i32.truncSatF64S(whole)), m };
}

/** e^(x + rest) for x from -746 to 710. Results below 2^-1022 need two factors. */
export function doubleExpBounded(y: Formula, x: Code, rest?: Code): Code {
  const { n, m } = reduce(y, x, rest);
  const half = y.word(i32.shrS(n, i32.const(1)));
  const scaled = f64.mul(f64.add(m, one), powerOfTwo(half));
  return f64.mul(scaled, powerOfTwo(i32.sub(n, half)));
}

/** x within -746 and 710, beyond which e^x is 0 and Infinity. */
export const withinExp = (x: Code): Code => f64.min(f64.max(x, f64.const(-746)), f64.const(710));

export function doubleExp(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  return y.equals(doubleExpBounded(y, y.double(withinExp(x))));
}

/** As the f32 function. */
export function doubleSigmoid(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const e = y.double(doubleExpBounded(y, y.double(withinExp(f64.neg(f64.abs(x))))));
  return y.equals(f64.div(choose(f64.lt(x, f64.const(0)), e, one), f64.add(one, e)));
}

/** As the f32 function. */
export function doubleTanh(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const bounded = f64.max(f64.mul(f64.abs(x), f64.const(-2)), f64.const(-44));
  const { n, m } = reduce(y, y.double(bounded));
  const scale = y.double(powerOfTwo(n));
  const e = f64.add(f64.mul(m, scale), f64.sub(scale, one));
  return y.equals(f64.copysign(f64.div(e, f64.add(f64.mul(m, scale), f64.add(scale, one))), x));
}
