import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape, Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { crop } from './crop.js';
import { cropLike } from './crop-like.js';
import { fill } from './fill.js';

export const paddings = z.array(z.tuple([z.int().min(0), z.int().min(0)]));

/** The shape with room added before and behind every axis. Errors: ATTRIBUTE_INVALID. */
export function paddedShape(x: Tensor, pairs: z.output<typeof paddings>, where: string): Shape {
  if (pairs.length !== x.rank) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `paddings has ${pairs.length} pairs for ${x.rank} axes.`,
      given: { x },
      fix: 'give [before, after] for every axis.',
    });
  }
  return x.shape.map((size, axis) => {
    const [before, after] = pairs[axis] as [number, number];
    return size === null ? null : before + size + after;
  });
}

const attrs = z.strictObject({
  /** [before, after] for every axis. */
  paddings,
  value: fill,
});

/** x with `value` around it, `paddings` many on each side. Errors: ATTRIBUTE_INVALID. */
export const pad: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'pad',
  inputs: ['x'],
  attrs,
  infer: ({ x }, given) => ({ dtype: x.dtype, shape: paddedShape(x, given.paddings, 'pad') }),
  grad: ({ x, dy }, given) => ({
    x: cropLike(dy, x, { begin: given.paddings.map(([before]) => before) }),
  }),
  expand({ x }, { paddings: pairs, value }) {
    const size = [...(paddedShape(x, pairs, 'pad') as KnownShape)];
    return crop(x, { begin: pairs.map(([before]) => -before), size, value });
  },
});
