import { GraphError } from '../../errors.js';
import { constant } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import { broadcastShapes, type KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastStrides, cast, select as choose, mapKernel } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { elementwiseCuts } from '../../sharding/cut.js';

const zeroOf = ({ dtype }: Tensor): Tensor => constant(0, { dtype });

/** The primitive behind `where`: `y = condition ? a : b`. Shapes: all broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const select: Op<readonly ['condition', 'a', 'b']> = /* @__PURE__ */ defineOp({
  name: 'select',
  inputs: ['condition', 'a', 'b'],
  broadcasts: true,
  infer({ condition, a, b }) {
    if (condition.dtype !== 'bool') {
      throw new GraphError('DTYPE_MISMATCH', 'where', {
        what: 'the condition must be bool.',
        given: { condition },
        fix: 'compare, for example notEqual(condition, 0).',
      });
    }
    return {
      dtype: promote(a.dtype, b.dtype),
      shape: broadcastShapes({ condition, a, b }, 'where'),
    };
  },
  grad: ({ condition, dy }) => ({
    a: select(condition, dy, zeroOf(dy)),
    b: select(condition, zeroOf(dy), dy),
  }),
  lower: ({ inputs: { condition, a, b }, output }) =>
    mapKernel({
      output,
      inputs: [condition, a, b],
      views: [condition, a, b].map(({ shape }) => ({
        strides: broadcastStrides(shape, output.shape),
      })),
      value: ([c, x, y]) =>
        choose(
          c as Expression,
          cast(x as Expression, output.dtype),
          cast(y as Expression, output.dtype),
        ),
    }),
  cuts({ condition, a, b }) {
    const shape = broadcastShapes({ condition, a, b }, 'where') as KnownShape;
    return elementwiseCuts([condition, a, b], shape);
  },
});
