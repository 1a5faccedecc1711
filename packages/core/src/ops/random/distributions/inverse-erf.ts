import { call, literal } from '../../../lower/kernel-builder.js';
import type { Expression } from '../../../lower/loop-ir.js';

// In w - 2.5, from the constant term on.
const coefficients = [
  1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6,
  -3.5233877e-6, 3.43273939e-7, 2.81022636e-8,
];

/**
 * The inverse of the error function for |x| < 0.996: `x p(w)`, `w = -log(1 - x^2)`, to about 4e-7;
 * in float64 a step of Newton's method takes that to about 1e-13. Source: M. Giles, "Approximating
 * the erfinv function", GPU Computing Gems, 2010.
 */
export function inverseErf(x: Expression): Expression {
  const { dtype } = x;
  const number = (value: number) => literal(value, dtype);
  const w = call('neg', call('log', call('sub', number(1), call('mul', x, x))));
  const t = call('sub', w, number(2.5));
  const p = coefficients.reduceRight<Expression>(
    (sum, c) => call('add', call('mul', sum, t), number(c)),
    number(0),
  );
  const y = call('mul', x, p);
  if (dtype !== 'float64') return y;
  const slope = call(
    'mul',
    number(2 / Math.sqrt(Math.PI)),
    call('exp', call('neg', call('mul', y, y))),
  );
  return call('sub', y, call('div', call('sub', call('erf', y), x), slope));
}
