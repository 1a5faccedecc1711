import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { sigmoid } from '../exponential/sigmoid.js';
import { notBelow } from '../finite.js';

/** Sigmoid linear unit, also called swish, `y = x / (1 + e^-x)`. Source: Elfwing et al. 2017, arXiv 1702.03118. */
export function silu(x: TensorLike): Tensor {
  const value = notBelow(constantOf(x, undefined, 'silu'), -1e4);
  return mul(value, sigmoid(value));
}
