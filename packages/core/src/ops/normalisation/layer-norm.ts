import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { moments } from '../reduction/moments.js';
import { identity } from '../shape/identity.js';
import { batchNorm } from './batch-norm.js';

export interface LayerNormOptions {
  /** The axes that are normalised together; the last when left out. */
  readonly axis?: number | readonly number[];
  readonly scale?: TensorLike | undefined;
  readonly offset?: TensorLike | undefined;
  /** Keeps the root away from 0; 0.001 when left out. */
  readonly epsilon?: number;
}

/**
 * Each example normalised by its own moments, `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`.
 * Shapes: x -> x; scale and offset broadcast to x. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH.
 * Source: Ba, Kiros and Hinton 2016, "Layer normalization".
 */
export function layerNorm(value: TensorLike, options: LayerNormOptions = {}): Tensor {
  const { axis = -1, scale, offset, epsilon = 1e-3 } = options;
  const x = identity(value);
  const { mean, variance } = moments(x, { axis, keepDims: true });
  return batchNorm(x, mean, variance, { scale, offset, varianceEpsilon: epsilon });
}
