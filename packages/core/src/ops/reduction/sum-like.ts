import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { broadcastLike } from '../shape/broadcast-like.js';
import { reshape } from '../shape/reshape.js';
import { sum } from './sum.js';

/** x summed to the shape of `like`: the adjoint of broadcasting. Shapes: x any that `like` broadcasts to -> that of like. */
export const sumLike: Op<readonly ['x', 'like']> = /* @__PURE__ */ defineOp({
  name: 'sumLike',
  inputs: ['x', 'like'],
  shapeOnly: ['like'],
  infer: ({ x, like }) => ({ dtype: x.dtype, shape: like.shape }),
  grad: ({ x, dy }) => ({ x: broadcastLike(dy, x) }),
  expand({ x, like }) {
    const shape = like.shape as KnownShape;
    const shift = x.rank - shape.length;
    const axis = x.shape
      .map((_, i) => i)
      .filter((i) => i < shift || (shape[i - shift] === 1 && x.shape[i] !== 1));
    return reshape(axis.length ? sum(x, { axis }) : x, { shape: [...shape] });
  },
});
