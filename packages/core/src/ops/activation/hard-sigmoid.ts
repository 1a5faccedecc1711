import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { clipByValue } from '../arithmetic/clip-by-value.js';
import { mul } from '../arithmetic/mul.js';

/** Piecewise linear sigmoid, `y = min(max(alpha x + beta, 0), 1)`. */
export const hardSigmoid = (
  x: TensorLike,
  { alpha = 1 / 6, beta = 0.5 }: { alpha?: number; beta?: number } = {},
): Tensor =>
  clipByValue(add(mul(constantOf(x, undefined, 'hardSigmoid'), alpha), beta), { min: 0, max: 1 });
