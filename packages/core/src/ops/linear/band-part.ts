import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { stridesOf } from '../../graph/shape.js';
import { call, literal, mapKernel, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';

const attrs = z.strictObject({
  /** Diagonals that are kept below the main one; all when negative. */
  numLower: z.int(),
  /** Diagonals that are kept above the main one; all when negative. */
  numUpper: z.int(),
});

const int = (value: number): Expression => literal(value, 'int32');

/**
 * The diagonals of matrices next to the main one, zeros elsewhere: `y[i, j] = x[i, j]` where `i - j <= numLower` and
 * `j - i <= numUpper`. Shapes: x [..., m, n] -> the same. Errors: SHAPE_MISMATCH.
 */
export const bandPart: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'bandPart',
  inputs: ['x'],
  attrs,
  infer({ x }) {
    if (x.rank >= 2) return { dtype: x.dtype, shape: x.shape };
    throw new GraphError('SHAPE_MISMATCH', 'bandPart', {
      what: 'a matrix has at least 2 axes.',
      given: { x },
      fix: 'use diag to make a matrix of a vector.',
    });
  },
  grad: ({ dy }, given) => ({ x: bandPart(dy, given) }),
  lower({ inputs: { x }, output, attrs: { numLower, numUpper } }) {
    const rank = x.shape.length;
    return mapKernel({
      output,
      inputs: [x],
      views: [{ strides: stridesOf(x.shape) }],
      value([value], index) {
        const kept = value as Expression;
        const [i, j] = [index(rank - 2), index(rank - 1)];
        const zero = literal(0, x.dtype);
        const below =
          numLower < 0 ? kept : select(call('less', int(numLower), call('sub', i, j)), zero, kept);
        return numUpper < 0
          ? below
          : select(call('less', int(numUpper), call('sub', j, i)), zero, below);
      },
    });
  },
});
