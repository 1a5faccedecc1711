import type { TensorLike } from '../../graph/constant.js';
import type { DType } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { fullLike } from './full-like.js';

/** A tensor of zeros, of the shape of x and, unless another is given, its dtype. */
export const zerosLike = (x: TensorLike, options: { dtype?: DType } = {}): Tensor =>
  fullLike(x, { ...options, value: 0 });
