import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { minimum } from '../arithmetic/minimum.js';
import { mul } from '../arithmetic/mul.js';
import { greater } from '../comparison/greater.js';
import { expm1 } from '../exponential/expm1.js';
import { where } from '../logical/where.js';

/** Exponential linear unit with a smooth slope at 0, `y = x > 0 ? x : alpha (e^(x / alpha) - 1)`. Source: Barron 2017, arXiv 1704.07483. */
export function celu(x: TensorLike, { alpha = 1 }: { alpha?: number } = {}): Tensor {
  const value = constantOf(x, undefined, 'celu');
  return where(greater(value, 0), value, mul(expm1(mul(minimum(value, 0), 1 / alpha)), alpha));
}
