import { constantOf, type TensorLike } from '../../graph/constant.js';
import { Tensor } from '../../graph/tensor.js';
import { equal } from '../comparison/equal.js';
import { where } from '../logical/where.js';
import { div } from './div.js';

/** Quotient, `y = a / b`, and 0 where b is 0, gradients too. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export function divNoNan(a: TensorLike, b: TensorLike): Tensor {
  const divisor = constantOf(b, a instanceof Tensor ? a : undefined, 'divNoNan');
  const none = equal(divisor, 0);
  // The inner choice keeps the division by 0 out of the gradient, where 0 * infinity would be NaN.
  return where(none, 0, div(a, where(none, 1, divisor)));
}
