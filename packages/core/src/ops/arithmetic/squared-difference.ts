import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { square } from './square.js';
import { sub } from './sub.js';

/** Squared difference, `y = (a - b)^2`. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const squaredDifference = (a: TensorLike, b: TensorLike): Tensor => square(sub(a, b));
