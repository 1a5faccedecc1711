import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf } from '../../graph/shape.js';
import { axisView } from '../axis-view.js';

const attrs = z.strictObject({ axis: z.int().default(0) });

export type ArgReduceOp = Op<readonly ['x'], typeof attrs>;

/** An op that finds where along an axis the first extreme element lies. */
export function defineArgReduce(name: string, mode: 'max' | 'min'): ArgReduceOp {
  return defineOp({
    name,
    inputs: ['x'],
    attrs,
    infer({ x }, { axis }) {
      const gone = axisOf(axis, x.rank, name);
      if (x.shape[gone] === 0) {
        throw new GraphError('SHAPE_INVALID', name, {
          what: `axis ${axis} has no elements, so none of them is extreme.`,
          given: { x },
          fix: 'reduce an axis of at least one element.',
        });
      }
      return { dtype: 'int32', shape: x.shape.filter((_, i) => i !== gone) };
    },
    grad: 'zero',
    lower: ({ inputs: { x }, attrs: { axis } }) => ({
      kind: 'template',
      template: {
        kind: 'argReduce',
        dtype: x.dtype,
        mode,
        view: axisView(x.shape, axisOf(axis, x.shape.length, name)),
      },
    }),
  });
}
