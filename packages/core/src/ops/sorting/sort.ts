import type { z } from 'zod';
import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { type sortAttrs, sortPairs } from './sort-pairs.js';

/**
 * Elements in order along an axis; equal ones keep their order, NaN counts as the largest. Errors:
 * ATTRIBUTE_INVALID.
 */
export const sort = (x: TensorLike, options: z.input<typeof sortAttrs> = {}): Tensor =>
  sortPairs(x, options)[0] as Tensor;
