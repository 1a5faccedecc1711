import { promote } from '../graph/dtype.js';
import { broadcastShapes, sameShape } from '../graph/shape.js';
import type { Tensor } from '../graph/tensor.js';

/** `x`, if combining it with the neutral `other` keeps its dtype and shape, else null. */
export const unchangedBy = (x: Tensor, other: Tensor): Tensor | null =>
  promote(x.dtype, other.dtype) === x.dtype &&
  sameShape(broadcastShapes({ x, other }, 'simplify'), x.shape)
    ? x
    : null;
