import type { Tensor } from '../../graph/tensor.js';
import { mul } from './mul.js';

/** Square, `y = x^2`. */
export const square = (x: Tensor): Tensor => mul(x, x);
