import { z } from 'zod';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { axisOf, sizeOf } from '../../graph/shape.js';
import { putAlongAxis } from '../indexing/put-along-axis.js';

export const sortAttrs = z.strictObject({
  axis: z.int().default(-1),
  direction: z.enum(['ascending', 'descending']).default('ascending'),
});

/**
 * Elements in order along an axis, and the int32 positions that they came from: `values[i] =
 * x[indices[i]]`. Equal elements keep their order; NaN counts as the largest. Shapes: x any of at
 * least one axis -> twice the same. Errors: ATTRIBUTE_INVALID.
 */
export const sortPairs: Op<readonly ['x'], typeof sortAttrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'sortPairs',
    inputs: ['x'],
    attrs: sortAttrs,
    infer({ x }, { axis }) {
      axisOf(axis, x.rank, 'sort');
      return [x, { dtype: 'int32', shape: x.shape }];
    },
    grad: ({ x, ys: [, indices], dys: [dy] }, { axis }) => ({
      x: dy && indices ? putAlongAxis(dy, indices, x, { axis }) : null,
    }),
    lower({ inputs: { x }, attrs: { axis, direction } }) {
      const along = axisOf(axis, x.shape.length, 'sort');
      const view = {
        outer: sizeOf(x.shape.slice(0, along)),
        size: x.shape[along] as number,
        inner: sizeOf(x.shape.slice(along + 1)),
      };
      return {
        kind: 'template',
        template: { kind: 'sort', dtype: x.dtype, view, descending: direction === 'descending' },
      };
    },
  });
