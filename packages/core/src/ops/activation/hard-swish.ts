import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { notBelow } from '../finite.js';
import { hardSigmoid } from './hard-sigmoid.js';

/** Piecewise swish, `y = x min(max(x / 6 + 1/2, 0), 1)`. Source: Howard et al. 2019, arXiv 1905.02244. */
export function hardSwish(x: TensorLike): Tensor {
  const value = constantOf(x, undefined, 'hardSwish');
  return mul(notBelow(value, -4), hardSigmoid(value));
}
