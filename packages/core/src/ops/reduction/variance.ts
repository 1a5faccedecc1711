import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { identity } from '../shape/identity.js';
import { countOf } from './count-of.js';
import { type MomentsOptions, moments } from './moments.js';

export interface VarianceOptions extends MomentsOptions {
  /** What is taken off the number of elements; 1 for the unbiased estimate from a sample. */
  readonly correction?: number;
}

/** Variance over axes, `y = (1 / (n - correction)) sum_i (x[i] - mean)^2`. Errors: ATTRIBUTE_INVALID. */
export function variance(
  value: TensorLike,
  { correction = 0, ...options }: VarianceOptions = {},
): Tensor {
  const x = identity(value);
  const { variance: biased } = moments(x, options);
  if (correction === 0) return biased;
  const count = countOf(x, {
    axis: options.axis === undefined ? undefined : [options.axis].flat(),
    dtype: biased.dtype,
  });
  return mul(biased, div(count, sub(count, correction)));
}
