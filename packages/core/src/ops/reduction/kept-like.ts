import { defineOp, type Op } from '../../graph/define-op.js';
import { reshape } from '../shape/reshape.js';
import { reshapeLike } from '../shape/reshape-like.js';
import { reduceAttrs, reducedShape } from './reduce.js';

/**
 * A reduction's result `y` of `x` with the reduced axes put back at size 1, so that it broadcasts against `x`.
 * `axis` and `keepDims` are those of the reduction.
 */
export const keptLike: Op<readonly ['y', 'x'], typeof reduceAttrs> = /* @__PURE__ */ defineOp({
  name: 'keptLike',
  inputs: ['y', 'x'],
  shapeOnly: ['x'],
  attrs: reduceAttrs,
  infer: ({ y, x }, { axis }) => ({ dtype: y.dtype, shape: reducedShape(x, { axis, keepDims: true }, 'keptLike') }),
  grad: ({ y, dy }) => ({ y: reshapeLike(dy, y) }),
  expand: ({ y, x }, { axis }) => reshape(y, { shape: reducedShape(x, { axis, keepDims: true }, 'keptLike') as number[] }),
});
