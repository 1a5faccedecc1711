import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { minimum } from '../arithmetic/minimum.js';
import { mul } from '../arithmetic/mul.js';
import { greater } from '../comparison/greater.js';
import { expm1 } from '../exponential/expm1.js';
import { where } from '../logical/where.js';

/** Exponential linear unit, `y = x > 0 ? x : alpha (e^x - 1)`. Source: Clevert et al. 2015, arXiv 1511.07289. */
export function elu(x: TensorLike, { alpha = 1 }: { alpha?: number } = {}): Tensor {
  const value = constantOf(x, undefined, 'elu');
  // Without the limit e^x would overflow where it is not used, and its gradient there would be 0 * infinity.
  return where(greater(value, 0), value, mul(expm1(minimum(value, 0)), alpha));
}
