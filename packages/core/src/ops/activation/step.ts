import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { isNaN as isNotANumber } from '../checks/is-nan.js';
import { greater } from '../comparison/greater.js';
import { where } from '../logical/where.js';

/** `y = x > 0 ? 1 : alpha`; NaN stays NaN. The gradient is 0. */
export function step(x: TensorLike, { alpha = 0 }: { alpha?: number } = {}): Tensor {
  const value = constantOf(x, undefined, 'step');
  const one = constantOf(1, value, 'step');
  return where(isNotANumber(value), value, where(greater(value, 0), one, alpha));
}
