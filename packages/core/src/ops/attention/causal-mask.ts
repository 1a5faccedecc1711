import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { stridesOf } from '../../graph/shape.js';
import { call, literal, mapKernel, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';

const attrs = z.strictObject({
  /** What stands in place of the future. */
  fill: z.number(),
});

/**
 * Scores with the future taken out, `y[q, k] = x[q, k]` where k <= q and `fill` elsewhere.
 * Shapes: x [..., queries, keys] -> x. Errors: SHAPE_MISMATCH.
 */
export const causalMask: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'causalMask',
  inputs: ['x'],
  attrs,
  infer({ x }) {
    if (x.rank < 2) {
      throw new GraphError('SHAPE_MISMATCH', 'causalMask', {
        what: 'x must have the axes queries and keys.',
        given: { x },
      });
    }
    return { dtype: x.dtype, shape: x.shape };
  },
  grad: ({ dy }) => ({ x: causalMask(dy, { fill: 0 }) }),
  lower: ({ inputs: { x }, attrs: { fill }, output }) =>
    mapKernel({
      output,
      inputs: [x],
      views: [{ strides: stridesOf(x.shape) }],
      value([score], index) {
        const rank = x.shape.length;
        const future = call('less', index(rank - 2), index(rank - 1));
        return select(future, literal(fill, x.dtype), score as Expression);
      },
    }),
});
