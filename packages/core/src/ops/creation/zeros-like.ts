import { constant } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastLike } from '../shape/broadcast-like.js';

/** Zeros of the dtype and shape of x, whose values are not used. */
export const zerosLike = (x: Tensor): Tensor => broadcastLike(constant(0, { dtype: x.dtype }), x);
