import { constantOf, type TensorLike } from '../../graph/constant.js';
import { Tensor } from '../../graph/tensor.js';
import { select } from './select.js';

/**
 * Chooses element by element, `y = condition ? a : b`; a bare number takes the dtype of the other choice.
 * Shapes: condition (bool), a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const like = [a, b].find((choice) => choice instanceof Tensor) as Tensor | undefined;
  return select(condition, constantOf(a, like, 'where: a'), constantOf(b, like, 'where: b'));
}
