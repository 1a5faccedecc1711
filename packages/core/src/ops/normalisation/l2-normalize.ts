import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { maximum } from '../arithmetic/maximum.js';
import { mul } from '../arithmetic/mul.js';
import { rsqrt } from '../arithmetic/rsqrt.js';
import { square } from '../arithmetic/square.js';
import { sum } from '../reduction/sum.js';

export interface L2NormalizeOptions {
  /** The axes of one vector; the last when left out. */
  readonly axis?: number | readonly number[];
  /** Least squared length that is divided by; 1e-12 when left out. */
  readonly epsilon?: number;
}

/** Vectors of length 1, `y = x / sqrt(max(sum(x^2), epsilon))`. Shapes: x -> x. Errors: ATTRIBUTE_INVALID. */
export function l2Normalize(
  x: TensorLike,
  { axis = -1, epsilon = 1e-12 }: L2NormalizeOptions = {},
): Tensor {
  const axes = typeof axis === 'number' ? axis : [...axis];
  return mul(x, rsqrt(maximum(sum(square(x), { axis: axes, keepDims: true }), epsilon)));
}
