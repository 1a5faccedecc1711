import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { axisSize } from '../../graph/shape.js';
import { putAlongAxis } from '../indexing/put-along-axis.js';
import { slice } from '../slicing/slice.js';
import { sortPairs } from './sort-pairs.js';

const attrs = z.strictObject({
  k: z.int().min(0).default(1),
  /**
   * Whether the order matters; the elements come from the largest to the smallest in either case.
   */
  sorted: z.boolean().default(true),
});

/**
 * The k largest elements on the last axis, from the largest on, and their int32 positions; of equal
 * elements the first comes first, NaN counts as the largest. Shapes: x [..., n] -> twice [..., k].
 * Errors: SHAPE_MISMATCH (a scalar, or k above n).
 */
export const topK: Op<readonly ['x'], typeof attrs, 'many'> = /* @__PURE__ */ defineMultiOp({
  name: 'topK',
  inputs: ['x'],
  attrs,
  infer({ x }, { k }) {
    const size = axisSize(x, -1);
    if (x.rank === 0 || (size !== null && k > size)) {
      throw new GraphError('SHAPE_MISMATCH', 'topK', {
        what:
          x.rank === 0
            ? 'a scalar has no axis to take the largest from.'
            : `the last axis has ${size} elements, ${k} were asked for.`,
        given: { x },
        fix: 'choose k from 0 to the size of the last axis.',
      });
    }
    const shape = [...x.shape.slice(0, -1), k];
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int32', shape },
    ];
  },
  grad: ({ x, ys: [, indices], dys: [dy] }) => ({
    x: dy && indices ? putAlongAxis(dy, indices, x) : null,
  }),
  expand({ x }, { k }) {
    const first = { begin: x.shape.map(() => 0), size: [...x.shape.slice(0, -1), k] as number[] };
    return sortPairs(x, { direction: 'descending' }).map((part) => slice(part, first));
  },
});
