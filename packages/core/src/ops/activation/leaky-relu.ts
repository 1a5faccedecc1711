import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { greater } from '../comparison/greater.js';
import { where } from '../logical/where.js';

/** Rectifier with a slope below 0, `y = x > 0 ? x : alpha x`. */
export function leakyRelu(x: TensorLike, { alpha = 0.2 }: { alpha?: number } = {}): Tensor {
  const value = constantOf(x, undefined, 'leakyRelu');
  return where(greater(value, 0), value, mul(value, alpha));
}
