import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape, Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { pad } from '../slicing/pad.js';
import { reshape } from './reshape.js';
import { transpose } from './transpose.js';

const attrs = z.strictObject({
  /** Size of a block on each axis after the first. */
  blockShape: z.array(z.int().min(1)),
  /** Zeros [before, after] on each of these axes. */
  paddings: z.array(z.tuple([z.int().min(0), z.int().min(0)])),
});

type BlockAttrs = z.output<typeof attrs>;

function blockedShape(x: Tensor, { blockShape, paddings }: BlockAttrs): Shape {
  const refuse = (what: string): never => {
    throw new GraphError('SHAPE_MISMATCH', 'spaceToBatchND', {
      what,
      given: { x },
      fix: 'pad each axis to a multiple of its block.',
    });
  };
  const count = blockShape.length;
  if (paddings.length !== count)
    refuse(`${paddings.length} paddings were given for ${count} blocks.`);
  if (x.rank < count + 1) refuse(`${count} blocks need at least ${count + 1} axes.`);
  const [batch = null, ...rest] = x.shape;
  const blocks = blockShape.reduce((product, size) => product * size, 1);
  const sizes = rest.map((size, axis) => {
    const block = blockShape[axis];
    if (block === undefined || size === null) return size;
    const [before, after] = paddings[axis] as [number, number];
    const padded = before + size + after;
    if (padded % block !== 0)
      refuse(`${padded} elements of axis ${axis + 1} can not be divided into blocks of ${block}.`);
    return padded / block;
  });
  return [batch === null ? null : batch * blocks, ...sizes];
}

/**
 * Moves blocks of space into the batch: each place within a block becomes an image of its own.
 * Shapes: x [batch, ...space, ...rest] -> [blocks * batch, ...space / block, ...rest]. Errors: SHAPE_MISMATCH.
 */
export const spaceToBatchND: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'spaceToBatchND',
  inputs: ['x'],
  attrs,
  infer: ({ x }, given) => ({ dtype: x.dtype, shape: blockedShape(x, given) }),
  grad: 'expand',
  expand({ x }, { blockShape, paddings }) {
    const count = blockShape.length;
    const free = x.rank - 1 - count;
    const none = (length: number) => Array.from({ length }, (): [number, number] => [0, 0]);
    const padded = pad(x, { paddings: [[0, 0], ...paddings, ...none(free)] });
    const [batch, ...rest] = padded.shape as KnownShape;
    const apart = rest.flatMap((size, axis) => {
      const block = blockShape[axis];
      return block === undefined ? [size] : [size / block, block];
    });
    const places = blockShape.map((_, axis) => 2 + 2 * axis);
    const perm = [
      ...places,
      0,
      ...places.map((axis) => axis - 1),
      ...Array.from({ length: free }, (_, i) => 1 + 2 * count + i),
    ];
    const shape = blockedShape(x, { blockShape, paddings }) as number[];
    return reshape(transpose(reshape(padded, { shape: [batch as number, ...apart] }), { perm }), {
      shape,
    });
  },
});
