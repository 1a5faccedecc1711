import { constant, constantOf, type TensorLike } from '../../graph/constant.js';
import type { DType } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastLike } from '../shape/broadcast-like.js';

/** A tensor of one value, of the shape of x and, unless another is given, its dtype. */
export function fullLike(
  x: TensorLike,
  { value, dtype }: { value: number | bigint | boolean; dtype?: DType },
): Tensor {
  const like = constantOf(x, undefined, 'fullLike');
  return broadcastLike(constant(value, { dtype: dtype ?? like.dtype }), like);
}
