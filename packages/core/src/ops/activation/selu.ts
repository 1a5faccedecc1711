import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { elu } from './elu.js';

/** Self-normalising unit, `y = scale (x > 0 ? x : alpha (e^x - 1))`. Source: Klambauer et al. 2017, arXiv 1706.02515. */
export const selu = (x: TensorLike): Tensor =>
  mul(elu(x, { alpha: 1.6732632423543772 }), 1.0507009873554805);
