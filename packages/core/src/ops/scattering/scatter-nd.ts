import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { filled } from '../indexing/filled.js';
import { tensorScatterAdd } from './tensor-scatter.js';

/**
 * Zeros with updates added at tuples of indices. Shapes: indices [...i, k], updates [...i,
 * ...inner] -> shape.
 * Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export function scatterND(
  indices: TensorLike,
  updates: TensorLike,
  { shape }: { readonly shape: KnownShape },
): Tensor {
  const values = constantOf(updates, undefined, 'scatterND: updates');
  return tensorScatterAdd(filled(0, values.dtype, shape), indices, values);
}
