import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { sqrt } from '../arithmetic/sqrt.js';
import { type VarianceOptions, variance } from './variance.js';

/** Standard deviation over axes, `y = sqrt(variance)`. Errors: ATTRIBUTE_INVALID. */
export const std = (x: TensorLike, options: VarianceOptions = {}): Tensor =>
  sqrt(variance(x, options));
