import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { abs } from '../arithmetic/abs.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { finite } from '../finite.js';

/** Sign with a smooth slope, `y = x / (1 + |x|)`; 1 and -1 at the infinities. */
export function softsign(x: TensorLike): Tensor {
  const value = finite(constantOf(x, undefined, 'softsign'));
  return div(value, add(abs(value), 1));
}
