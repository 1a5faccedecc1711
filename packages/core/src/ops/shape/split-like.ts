import { z } from 'zod';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { axisOf } from '../../graph/shape.js';
import { concatFlows } from './concat-flows.js';
import { split } from './split.js';

const attrs = z.strictObject({ axis: z.int().default(0) });

/** Parts of x along an axis with the shapes of `likes`, whose values are not used: the adjoint of concat. Errors: SHAPE_MISMATCH. */
export const splitLike: Op<readonly ['x', '...likes'], typeof attrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'splitLike',
    inputs: ['x', '...likes'],
    attrs,
    infer: ({ x, likes }) => likes.map(({ shape }) => ({ dtype: x.dtype, shape })),
    grad: ({ ys, likes, dys }, { axis }) => ({
      x: concatFlows(ys, dys, axis),
      likes: likes.map(() => null),
    }),
    expand({ x, likes }, { axis }) {
      const at = axisOf(axis, x.rank, 'splitLike');
      return split(x, { sizes: likes.map(({ shape }) => shape[at] as number), axis });
    },
  });
