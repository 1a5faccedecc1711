import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { softplus } from '../exponential/softplus.js';
import { notBelow } from '../finite.js';
import { tanh } from '../trigonometric/tanh.js';

/** Self-regularised unit, `y = x tanh(softplus(x))`. Source: Misra 2019, arXiv 1908.08681. */
export function mish(x: TensorLike): Tensor {
  const value = notBelow(constantOf(x, undefined, 'mish'), -1e4);
  return mul(value, tanh(softplus(value)));
}
