import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { sameShape, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastStrides, copyView } from '../../lower/kernel-builder.js';
import { type Cut, withSize } from '../../sharding/cut.js';
import { sumLike } from '../reduction/sum-like.js';

const attrs = z.strictObject({ shape: z.array(z.int().min(0)) });

/** x repeated along axes where it has size 1 or none, up to `shape`. Errors: SHAPE_MISMATCH. */
export const broadcastTo: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'broadcastTo',
  inputs: ['x'],
  attrs,
  infer({ x }, { shape }) {
    const shift = shape.length - x.rank;
    const fits =
      shift >= 0 &&
      x.shape.every((size, axis) => size === 1 || sizesAgree(size, shape[axis + shift] as number));
    if (!fits) {
      throw new GraphError('SHAPE_MISMATCH', 'broadcastTo', {
        what: `x can not be broadcast to [${shape}].`,
        given: { x },
        fix: 'each axis, counted from the last, must have size 1 or the size asked for.',
      });
    }
    return { dtype: x.dtype, shape };
  },
  grad: ({ x, dy }) => ({ x: sumLike(dy, x) }),
  lower: ({ inputs: { x }, output }) =>
    copyView(x, output, { strides: broadcastStrides(x.shape, output.shape) }),
  simplify: ({ x }, { shape }) => (sameShape(x.shape, shape) ? x : null),
  cuts: ({ x }, { shape }) =>
    shape.map((extent, output): Cut => {
      const axis = output - (shape.length - x.rank);
      return {
        inputs: [axis >= 0 && x.shape[axis] === extent ? axis : null],
        output,
        piece: ([part], { size }) =>
          broadcastTo(part as Tensor, { shape: withSize(shape, output, size) }),
      };
    }),
});
