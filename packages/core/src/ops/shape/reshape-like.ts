import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { reshape } from './reshape.js';

/** x under the shape of `like`, whose values are not used. Errors: SHAPE_MISMATCH. */
export const reshapeLike: Op<readonly ['x', 'like']> = /* @__PURE__ */ defineOp({
  name: 'reshapeLike',
  inputs: ['x', 'like'],
  shapeOnly: ['like'],
  infer: ({ x, like }) => ({ dtype: x.dtype, shape: like.shape }),
  grad: ({ x, dy }) => ({ x: reshapeLike(dy, x) }),
  expand: ({ x, like }) => reshape(x, { shape: [...(like.shape as KnownShape)] }),
});
