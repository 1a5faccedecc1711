import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { erf } from '../exponential/erf.js';
import { notBelow } from '../finite.js';
import { tanh } from '../trigonometric/tanh.js';

/** Gaussian error linear unit, `y = x (1 + erf(x / sqrt(2))) / 2`, or by `tanh` when `approximate`. Source: Hendrycks and Gimpel 2016, arXiv 1606.08415. */
export function gelu(
  x: TensorLike,
  { approximate = false }: { approximate?: boolean } = {},
): Tensor {
  const value = notBelow(constantOf(x, undefined, 'gelu'), -100);
  const inner = approximate
    ? tanh(mul(mul(value, Math.sqrt(2 / Math.PI)), add(mul(mul(value, value), 0.044715), 1)))
    : erf(mul(value, Math.SQRT1_2));
  return mul(mul(value, 0.5), add(inner, 1));
}
