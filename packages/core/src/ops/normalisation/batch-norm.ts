import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { rsqrt } from '../arithmetic/rsqrt.js';
import { sub } from '../arithmetic/sub.js';

export interface BatchNormOptions {
  /** Added at the end. */
  readonly offset?: TensorLike | undefined;
  /** The standard deviation of the result. */
  readonly scale?: TensorLike | undefined;
  /** Keeps the root away from 0; 0.001 when left out. */
  readonly varianceEpsilon?: number;
}

/**
 * Normalisation by given moments, `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`.
 * Shapes: mean, variance, offset and scale broadcast to x: for one of each channel, [c]. Errors: SHAPE_MISMATCH.
 * Source: Ioffe and Szegedy 2015, "Batch normalization".
 */
export function batchNorm(
  x: TensorLike,
  mean: TensorLike,
  variance: TensorLike,
  { offset, scale, varianceEpsilon = 1e-3 }: BatchNormOptions = {},
): Tensor {
  const factor = rsqrt(add(variance, varianceEpsilon));
  const scaled = mul(sub(x, mean), scale === undefined ? factor : mul(factor, scale));
  return offset === undefined ? scaled : add(scaled, offset);
}
