import type { z } from 'zod';
import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { type sortAttrs, sortPairs } from './sort-pairs.js';

/**
 * The int32 positions of the elements in order along an axis, `sort(x) = takeAlongAxis(x,
 * argsort(x))`. Errors: ATTRIBUTE_INVALID.
 */
export const argsort = (x: TensorLike, options: z.input<typeof sortAttrs> = {}): Tensor =>
  sortPairs(x, options)[1] as Tensor;
