import { defineOp, type Op } from '../../graph/define-op.js';
import { reshape } from '../shape/reshape.js';
import { reshapeLike } from '../shape/reshape-like.js';
import { reduceAttrs, reducedShape } from './reduce.js';

/**
 * A reduction's result `reduced` of `x` with the reduced axes put back at size 1, so that it broadcasts against `x`.
 * `axis` and `keepDims` are those of the reduction.
 */
export const keptLike: Op<readonly ['reduced', 'x'], typeof reduceAttrs> = /* @__PURE__ */ defineOp(
  {
    name: 'keptLike',
    inputs: ['reduced', 'x'],
    shapeOnly: ['x'],
    attrs: reduceAttrs,
    infer: ({ reduced, x }, { axis }) => ({
      dtype: reduced.dtype,
      shape: reducedShape(x, { axis, keepDims: true }, 'keptLike'),
    }),
    grad: ({ reduced, dy }) => ({ reduced: reshapeLike(dy, reduced) }),
    expand: ({ reduced, x }, { axis }) =>
      reshape(reduced, {
        shape: reducedShape(x, { axis, keepDims: true }, 'keptLike') as number[],
      }),
  },
);
