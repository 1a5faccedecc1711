import { constant } from '../graph/constant.js';
import { type DType, isFloat } from '../graph/dtype.js';
import type { Tensor } from '../graph/tensor.js';
import { maximum } from './arithmetic/maximum.js';
import { minimum } from './arithmetic/minimum.js';

const largest: Partial<Record<DType, number>> = {
  float16: 65504,
  bfloat16: (2 - 2 ** -7) * 2 ** 127,
  float32: (2 - 2 ** -23) * 2 ** 127,
  float64: Number.MAX_VALUE,
};

/** x with infinities as the largest numbers of its dtype: infinity minus or through itself would be NaN. */
export function finite(x: Tensor): Tensor {
  const bound = largest[x.dtype];
  if (bound === undefined) return x;
  const limit = (value: number) => constant(value, { dtype: x.dtype });
  return maximum(minimum(x, limit(bound)), limit(-bound));
}

/**
 * x, or `least` where x is less. An activation that is 0 from there on is a product of x and of a factor that
 * vanishes, and -Infinity times 0 would be NaN.
 */
export const notBelow = (x: Tensor, least: number): Tensor =>
  isFloat(x.dtype) ? maximum(x, least) : x;
