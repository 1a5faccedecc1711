import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { minimum } from '../arithmetic/minimum.js';
import { relu } from './relu.js';

/** Rectifier with a ceiling, `y = min(max(x, 0), 6)`. Source: Howard et al. 2017, "MobileNets". */
export const relu6 = (x: TensorLike): Tensor => minimum(relu(x), 6);
