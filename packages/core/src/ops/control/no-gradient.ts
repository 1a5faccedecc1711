import { constant } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastLike } from '../shape/broadcast-like.js';

/** Zeros of the dtype and shape of a tensor: what flows where nothing does. */
export const noGradient = (like: Tensor): Tensor =>
  broadcastLike(constant(0, { dtype: like.dtype }), like);
