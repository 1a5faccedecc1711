import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisSize, sizesAgree } from '../../graph/shape.js';
import { checkIndices } from './check-indices.js';

const attrs = z.strictObject({
  /** Of each axis that an index or a tuple on the last axis names. */
  sizes: z.array(z.int().min(0)).min(1),
  /** Whether the last axis of the indices holds tuples. */
  tuples: z.boolean().default(false),
  /** A side on which an index may lie outside. */
  open: z.enum(['none', 'below', 'beyond']).default('none'),
  /** The op that the indices were given to. */
  where: z.string(),
});

/**
 * The indices as they are, once each of them is known to lie in `0..size - 1`: what is made of them
 * afterwards no longer tells which one was wrong.
 * Shapes: indices any, or [..., k] for tuples of k sizes -> the same.
 * Errors: DTYPE_MISMATCH, SHAPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const inRange: Op<readonly ['indices'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'inRange',
  inputs: ['indices'],
  integer: ['indices'],
  attrs,
  infer({ indices }, { sizes, tuples, where }) {
    checkIndices(where, { indices });
    const fits = tuples
      ? indices.rank > 0 && sizesAgree(axisSize(indices, -1), sizes.length)
      : sizes.length === 1;
    if (!fits) {
      throw new GraphError('SHAPE_MISMATCH', where, {
        what: `the indices are not tuples of ${sizes.length} entries.`,
        given: { indices },
      });
    }
    return { dtype: indices.dtype, shape: indices.shape };
  },
  grad: null,
  lower: ({ inputs: { indices }, attrs: { sizes, tuples, open, where }, output: { dtype } }) => ({
    kind: 'template',
    template: { kind: 'inRange', dtype, shape: indices.shape, sizes, tuples, open, where },
  }),
});
