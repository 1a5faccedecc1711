import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import { broadcastShapes } from '../../graph/shape.js';
import { broadcastStrides, cast, mapKernel, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { zerosLike } from '../creation/zeros-like.js';

/** `y = condition ? a : b`, element by element. Shapes: condition (bool), a, b broadcast. Errors: DTYPE_MISMATCH, SHAPE_MISMATCH. */
export const where: Op<readonly ['condition', 'a', 'b']> = /* @__PURE__ */ defineOp({
  name: 'where',
  inputs: ['condition', 'a', 'b'],
  broadcasts: true,
  infer({ condition, a, b }) {
    if (condition.dtype !== 'bool') {
      throw new GraphError('DTYPE_MISMATCH', 'where', { what: 'the condition must be bool.', given: { condition, a, b }, fix: 'compare it, for example notEqual(condition, 0).' });
    }
    return { dtype: promote(a.dtype, b.dtype), shape: broadcastShapes({ condition, a, b }, 'where') };
  },
  grad: ({ condition, dy }) => ({ a: where(condition, dy, zerosLike(dy)), b: where(condition, zerosLike(dy), dy) }),
  lower: ({ inputs: { condition, a, b }, output }) =>
    mapKernel({
      output,
      inputs: [condition, a, b],
      views: [condition, a, b].map(({ shape }) => ({ strides: broadcastStrides(shape, output.shape) })),
      value: ([c, yes, no]) =>
        select(c as Expression, cast(yes as Expression, output.dtype), cast(no as Expression, output.dtype)),
    }),
});
