import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { softplus } from '../exponential/softplus.js';
import { tanh } from '../trigonometric/tanh.js';

/** `y = x tanh(softplus(x))`. Source: Misra 2019, arXiv 1908.08681. */
export function mish(x: TensorLike): Tensor {
  const value = constantOf(x, undefined, 'mish');
  return mul(value, tanh(softplus(value)));
}
