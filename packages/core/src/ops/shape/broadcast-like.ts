import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { sumLike } from '../reduction/sum-like.js';
import { broadcastTo } from './broadcast-to.js';

/** x broadcast to the shape of `like`, whose values are not used. Errors: SHAPE_MISMATCH. */
export const broadcastLike: Op<readonly ['x', 'like']> = /* @__PURE__ */ defineOp({
  name: 'broadcastLike',
  inputs: ['x', 'like'],
  shapeOnly: ['like'],
  infer: ({ x, like }) => ({ dtype: x.dtype, shape: like.shape }),
  grad: ({ x, dy }) => ({ x: sumLike(dy, x) }),
  expand: ({ x, like }) => broadcastTo(x, { shape: [...(like.shape as KnownShape)] }),
});
