import { GraphError } from '../../errors.js';
import { constantOf, integerConstantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { denseBincount } from './dense-bincount.js';

/**
 * How often each number from 0 to size - 1 occurs in x; with weights, the sum of those at its
 * places. Numbers of at least size are left out. Shapes: x [n], weights [n] or [0] -> [size].
 * Errors: as denseBincount.
 */
export function bincount(
  x: TensorLike,
  weights: TensorLike,
  options: { readonly size: number },
): Tensor {
  const numbers = integerConstantOf(x, 'bincount: x');
  if (numbers.rank !== 1) {
    throw new GraphError('SHAPE_MISMATCH', 'bincount', {
      what: 'x must have one axis.',
      given: { x: numbers },
      fix: 'use denseBincount for rows.',
    });
  }
  return denseBincount(numbers, constantOf(weights, undefined, 'bincount: weights'), options);
}
