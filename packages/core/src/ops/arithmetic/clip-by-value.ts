import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { maximum } from './maximum.js';
import { minimum } from './minimum.js';

/** Limits values to a range, `y = min(max(x, min), max)`; the gradient passes on the range, its ends included. Errors: ATTRIBUTE_INVALID. */
export function clipByValue(x: TensorLike, { min, max }: { min: number; max: number }): Tensor {
  if (!(min <= max)) {
    throw new GraphError('ATTRIBUTE_INVALID', 'clipByValue', {
      what: `min ${min} is not at most max ${max}.`,
      fix: 'exchange them.',
    });
  }
  return minimum(maximum(constantOf(x, undefined, 'clipByValue'), min), max);
}
