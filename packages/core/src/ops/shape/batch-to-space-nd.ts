import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape, Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { slice } from '../slicing/slice.js';
import { reshape } from './reshape.js';
import { transpose } from './transpose.js';

const attrs = z.strictObject({
  /** Size of a block on each axis after the first. */
  blockShape: z.array(z.int().min(1)),
  /** Elements [before, after] that are cut off each of these axes. */
  crops: z.array(z.tuple([z.int().min(0), z.int().min(0)])),
});

type BlockAttrs = z.output<typeof attrs>;

const blockSize = (blockShape: readonly number[]): number =>
  blockShape.reduce((product, size) => product * size, 1);

function spacedShape(x: Tensor, { blockShape, crops }: BlockAttrs): Shape {
  const refuse = (what: string): never => {
    throw new GraphError('SHAPE_MISMATCH', 'batchToSpaceND', {
      what,
      given: { x },
      fix: 'the batch must hold whole blocks, larger than what is cut off.',
    });
  };
  const count = blockShape.length;
  if (crops.length !== count) refuse(`${crops.length} crops were given for ${count} blocks.`);
  if (x.rank < count + 1) refuse(`${count} blocks need at least ${count + 1} axes.`);
  const [batch = null, ...rest] = x.shape;
  const blocks = blockSize(blockShape);
  if (batch !== null && batch % blocks !== 0)
    refuse(`a batch of ${batch} can not be divided into blocks of ${blocks}.`);
  const sizes = rest.map((size, axis) => {
    const block = blockShape[axis];
    if (block === undefined || size === null) return size;
    const [before, after] = crops[axis] as [number, number];
    const left = size * block - before - after;
    if (left < 0)
      refuse(
        `${before} and ${after} elements can not be cut off ${size * block} on axis ${axis + 1}.`,
      );
    return left;
  });
  return [batch === null ? null : batch / blocks, ...sizes];
}

/**
 * Moves the batch back into blocks of space, the inverse of spaceToBatchND.
 * Shapes: x [blocks * batch, ...space, ...rest] -> [batch, ...space * block - crops, ...rest]. Errors: SHAPE_MISMATCH.
 */
export const batchToSpaceND: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'batchToSpaceND',
  inputs: ['x'],
  attrs,
  infer: ({ x }, given) => ({ dtype: x.dtype, shape: spacedShape(x, given) }),
  grad: 'expand',
  expand({ x }, { blockShape, crops }) {
    const [batch, ...rest] = x.shape as [number, ...number[]];
    const count = blockShape.length;
    const images = batch / blockSize(blockShape);
    const pairs = blockShape.flatMap((_, axis) => [count + 1 + axis, axis]);
    const perm = [count, ...pairs, ...rest.slice(count).map((_, i) => 2 * count + 1 + i)];
    const spread = transpose(reshape(x, { shape: [...blockShape, images, ...rest] }), { perm });
    const whole = rest.map((size, axis) => size * (blockShape[axis] ?? 1));
    const size = spacedShape(x, { blockShape, crops }) as KnownShape;
    return slice(reshape(spread, { shape: [images, ...whole] }), {
      begin: [0, ...crops.map(([before]) => before)],
      size: [...size],
    });
  },
});
