import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisSize, type KnownShape, sizeOf } from '../../graph/shape.js';
import { floatLike } from '../elementwise.js';
import { reshape } from '../shape/reshape.js';
import { layerNorm } from './layer-norm.js';

const attrs = z.strictObject({ groups: z.int().min(1), epsilon: z.number().min(0) });

/** Groups of the last axis with mean 0 and variance 1 in each example. Shapes: x [n, ..., c] -> x. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH. */
export const normalizeGroups: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'normalizeGroups',
  inputs: ['x'],
  attrs,
  infer({ x }, { groups }) {
    if (x.rank < 2) {
      throw new GraphError('SHAPE_MISMATCH', 'normalizeGroups', {
        what: 'x must have a batch and channels.',
        given: { x },
      });
    }
    const channels = axisSize(x, -1);
    if (channels !== null && channels % groups !== 0) {
      throw new GraphError('ATTRIBUTE_INVALID', 'normalizeGroups', {
        what: `groups ${groups} does not divide the ${channels} channels.`,
        given: { x },
      });
    }
    return floatLike(x);
  },
  grad: 'expand',
  expand({ x }, { groups, epsilon }) {
    const shape = x.shape as KnownShape;
    const [batch, channels] = [shape[0] as number, shape.at(-1) as number];
    const grouped = reshape(x, {
      shape: [batch, sizeOf(shape.slice(1, -1)), groups, channels / groups],
    });
    return reshape(layerNorm(grouped, { axis: [1, 3], epsilon }), { shape: [...shape] });
  },
});
