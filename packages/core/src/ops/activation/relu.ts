import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { maximum } from '../arithmetic/maximum.js';

/** Rectifier, `y = max(x, 0)`; the gradient at 0 is 0. */
export const relu = (x: TensorLike): Tensor => maximum(0, constantOf(x, undefined, 'relu'));
