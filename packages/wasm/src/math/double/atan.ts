import type { KernelFunction } from '../../emit/kernel-function.js';
import type { Code } from '../../encoder/code.js';
import { choose } from '../../encoder/function.js';
import { f64 } from '../../encoder/scalar.js';
import { eighthTurnTangent } from '../atan.js';
import { constants, doubleCoefficients } from '../coefficients.js';
import { Formula } from '../formula.js';
import { doublePolynomial } from '../polynomial.js';

/** As the f32 function. */
export function doubleAtan(k: KernelFunction, x: Code): Code {
  const y = new Formula(k.f);
  const [one, zero] = [f64.const(1), f64.const(0)];
  const size = y.double(f64.abs(x));
  const low = y.double(f64.min(size, one));
  const high = y.double(f64.max(size, one));
  const steep = y.word(f64.gt(low, f64.mul(high, f64.const(eighthTurnTangent))));
  const above = f64.sub(low, choose(steep, high, zero));
  const u = y.double(f64.div(above, f64.add(high, choose(steep, low, zero))));
  const square = y.double(f64.mul(u, u));
  const tail = f64.mul(square, doublePolynomial(square, doubleCoefficients.atan));
  const angle = y.double(f64.add(u, f64.mul(u, tail)));
  const outside = y.word(f64.gt(size, one));
  const quarter = choose(outside, f64.const(Math.PI / 2), zero);
  const base = y.double(choose(steep, f64.const(Math.PI / 4), quarter));
  const rest = f64.mul(base, f64.const(constants.halfPiPair[1] / constants.halfPiPair[0]));
  const signed = choose(outside, f64.neg(angle), angle);
  return y.equals(f64.copysign(f64.add(base, f64.add(signed, rest)), x));
}
