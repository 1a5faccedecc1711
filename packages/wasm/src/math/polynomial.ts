import type { KernelFunction } from '../emit/kernel-function.js';
import type { Code } from '../encoder/code.js';
import { f64 } from '../encoder/scalar.js';
import { f32x4, f64x2 } from '../encoder/simd.js';

type Step = (sum: Code, coefficient: number) => Code;

// Horner's rule: the fewest operations. The latency of its chain is hidden by the elements that follow.
const horner = (constant: (value: number) => Code, coefficients: readonly number[], step: Step) =>
  coefficients.slice(0, -1).reduceRight(step, constant(coefficients.at(-1) as number));

/** sum of c_i x^i on f32 lanes. */
export const polynomial = (k: KernelFunction, x: Code, c: readonly number[]): Code =>
  horner(f32x4.const, c, (sum, ci) => k.fma(sum, x, f32x4.const(ci)));

/** sum of c_i x^i on an f64. */
export const doublePolynomial = (x: Code, c: readonly number[]): Code =>
  horner(f64.const, c, (sum, ci) => f64.add(f64.mul(sum, x), f64.const(ci)));

/** sum of c_i x^i on two f64 lanes. */
export const doubleLanesPolynomial = (x: Code, c: readonly number[]): Code =>
  horner(f64x2.const, c, (sum, ci) => f64x2.add(f64x2.mul(sum, x), f64x2.const(ci)));
