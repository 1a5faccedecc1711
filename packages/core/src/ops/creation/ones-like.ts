import { constant } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastLike } from '../shape/broadcast-like.js';

/** Ones of the dtype and shape of x, whose values are not used. */
export const onesLike = (x: Tensor): Tensor => broadcastLike(constant(1, { dtype: x.dtype }), x);
