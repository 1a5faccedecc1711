import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp } from '../../graph/define-op.js';
import { sameShape, sizesAgree } from '../../graph/shape.js';
import { broadcastStrides, copyView } from '../../lower/kernel-builder.js';
import { sumLike } from '../reduction/sum-like.js';

/** x repeated along axes where it has size 1 or none, up to `shape`. Errors: SHAPE_MISMATCH. */
export const broadcastTo = /* @__PURE__ */ defineOp({
  name: 'broadcastTo',
  inputs: ['x'],
  attrs: z.strictObject({ shape: z.array(z.int().min(0)) }),
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
});
