import type { KernelFunction } from '../../emit/kernel-function.js';
import type { Code } from '../../encoder/code.js';
import { either } from '../../encoder/function.js';
import { f64 } from '../../encoder/scalar.js';
import { doubleCoefficients } from '../coefficients.js';
import { Formula } from '../formula.js';
import { doublePolynomial } from '../polynomial.js';
import { doubleExpBounded } from './exp.js';

/** A series up to 1; then 1 - e^(-x^2) Q(x), which from 6 on rounds to 1. */
export function doubleErf(k: KernelFunction, x: Code): Code {
  const [y, outer] = [new Formula(k.f), new Formula(k.f)];
  const size = y.double(f64.min(f64.abs(x), f64.const(6)));
  const square = y.double(f64.mul(size, size));
  const series = f64.mul(size, doublePolynomial(square, doubleCoefficients.erf));
  const shift = f64.const(2.5);
  const u = outer.double(f64.div(f64.sub(size, shift), f64.add(size, shift)));
  const decay = doubleExpBounded(outer, outer.double(f64.neg(square)));
  const tail = f64.mul(decay, doublePolynomial(u, doubleCoefficients.erfTail));
  const beyond = outer.equals(f64.sub(f64.const(1), tail));
  const value = either('f64', f64.lt(size, f64.const(1)), f64.add(size, series), beyond);
  return y.equals(f64.copysign(value, x));
}
