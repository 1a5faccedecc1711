import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { abs } from '../arithmetic/abs.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';

/** `y = x / (1 + |x|)`; NaN at infinity. */
export function softsign(x: TensorLike): Tensor {
  const value = constantOf(x, undefined, 'softsign');
  return div(value, add(abs(value), 1));
}
