import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from './mul.js';

/** Square, `y = x^2`. */
export function square(x: TensorLike): Tensor {
  const value = constantOf(x, undefined, 'square');
  return mul(value, value);
}
