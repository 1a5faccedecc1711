import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { clipByValue } from '../arithmetic/clip-by-value.js';

/** Identity with limits, `y = min(max(x, -1), 1)`. */
export const hardTanh = (x: TensorLike): Tensor => clipByValue(x, { min: -1, max: 1 });
