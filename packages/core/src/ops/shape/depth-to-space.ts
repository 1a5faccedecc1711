import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { reshape } from './reshape.js';
import { transpose } from './transpose.js';

const attrs = z.strictObject({
  blockSize: z.int().min(2),
  dataFormat: z.enum(['NHWC', 'NCHW']).default('NHWC'),
});

function spacedShape(x: Tensor, { blockSize, dataFormat }: z.output<typeof attrs>): Shape {
  const refuse = (what: string, fix: string): never => {
    throw new GraphError('SHAPE_MISMATCH', 'depthToSpace', { what, given: { x }, fix });
  };
  if (x.rank !== 4)
    refuse(
      `an image batch has 4 axes, not ${x.rank}.`,
      'put the axes of size 1 in with expandDims.',
    );
  const depth = dataFormat === 'NHWC' ? 3 : 1;
  return x.shape.map((size, axis) => {
    if (size === null || axis === 0) return size;
    if (axis !== depth) return size * blockSize;
    const blocks = blockSize * blockSize;
    if (size % blocks !== 0)
      refuse(
        `${size} channels can not be divided into blocks of ${blocks}.`,
        'use a multiple of blockSize^2 channels.',
      );
    return size / blocks;
  });
}

/** Moves channels into blocks of space. Shapes: x [n, h, w, c b^2] -> [n, h b, w b, c], or both with channels second. Errors: SHAPE_MISMATCH. */
export const depthToSpace: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'depthToSpace',
  inputs: ['x'],
  attrs,
  infer: ({ x }, given) => ({ dtype: x.dtype, shape: spacedShape(x, given) }),
  grad: 'expand',
  expand({ x }, given) {
    const { blockSize: b, dataFormat } = given;
    const shape = spacedShape(x, given) as number[];
    const [n, d1, d2, d3] = x.shape as [number, number, number, number];
    const last = dataFormat === 'NHWC';
    const apart = last ? [n, d1, d2, b, b, d3 / (b * b)] : [n, b, b, d1 / (b * b), d2, d3];
    const perm = last ? [0, 1, 3, 2, 4, 5] : [0, 3, 4, 1, 5, 2];
    return reshape(transpose(reshape(x, { shape: apart }), { perm }), { shape });
  },
});
