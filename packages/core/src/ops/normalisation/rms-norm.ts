import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { rsqrt } from '../arithmetic/rsqrt.js';
import { square } from '../arithmetic/square.js';
import { mean } from '../reduction/mean.js';
import type { LayerNormOptions } from './layer-norm.js';

/**
 * Division by the root mean square, `y = x / sqrt(mean(x^2) + epsilon) * scale`. Shapes: x -> x; scale broadcasts to x.
 * Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH. Source: Zhang and Sennrich 2019, "Root mean square layer normalization".
 */
export function rmsNorm(x: TensorLike, options: Omit<LayerNormOptions, 'offset'> = {}): Tensor {
  const { axis = -1, scale, epsilon = 1e-6 } = options;
  const axes = typeof axis === 'number' ? axis : [...axis];
  const y = mul(x, rsqrt(add(mean(square(x), { axis: axes, keepDims: true }), epsilon)));
  return scale === undefined ? y : mul(y, scale);
}
