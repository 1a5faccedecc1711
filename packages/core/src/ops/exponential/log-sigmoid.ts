import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { neg } from '../arithmetic/neg.js';
import { softplus } from './softplus.js';

/** Logarithm of the logistic function, `y = ln(1 / (1 + e^-x)) = -softplus(-x)`; does not underflow. */
export const logSigmoid = (x: TensorLike): Tensor =>
  neg(softplus(neg(constantOf(x, undefined, 'logSigmoid'))));
