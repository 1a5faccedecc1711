import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { greater } from '../comparison/greater.js';
import { where } from '../logical/where.js';

/** Rectifier with learned slopes below 0, `y = x > 0 ? x : alpha x`. Shapes: x, alpha broadcast. Errors: SHAPE_MISMATCH. Source: He et al. 2015, "Delving deep into rectifiers". */
export function prelu(x: TensorLike, alpha: TensorLike): Tensor {
  const value = constantOf(x, undefined, 'prelu');
  return where(greater(value, 0), value, mul(value, alpha));
}
