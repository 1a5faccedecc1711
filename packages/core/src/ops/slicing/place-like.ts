import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { reshape } from '../shape/reshape.js';
import { reverse } from '../shape/reverse.js';
import { crop } from './crop.js';
import { windowLike } from './window-like.js';

const attrs = z.strictObject({ begin: z.array(z.int().min(0)), strides: z.array(z.int()) });

/** `stride - 1` zeros behind every element of each axis. */
function spread(x: Tensor, strides: readonly number[]): Tensor {
  if (strides.every((stride) => stride === 1)) return x;
  const shape = x.shape as KnownShape;
  const pairs = (second: (stride: number) => number) =>
    shape.flatMap((size, axis) =>
      strides[axis] === 1 ? [size] : [size, second(strides[axis] as number)],
    );
  const apart = reshape(x, { shape: pairs(() => 1) });
  const zeros = crop(apart, { begin: apart.shape.map(() => 0), size: pairs((stride) => stride) });
  return reshape(zeros, { shape: shape.map((size, axis) => size * (strides[axis] as number)) });
}

/**
 * Zeros of the shape of `like` with the elements of x at regular places, `y[begin + i * strides] = x[i]`: the adjoint of a
 * window. Errors: ATTRIBUTE_INVALID.
 */
export const placeLike: Op<readonly ['x', 'like'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'placeLike',
  inputs: ['x', 'like'],
  shapeOnly: ['like'],
  attrs,
  infer: ({ x, like }) => ({ dtype: x.dtype, shape: like.shape }),
  grad: ({ x, dy }, places) => ({ x: windowLike(dy, x, places) }),
  expand({ x, like }, { begin, strides }) {
    const size = [...(like.shape as KnownShape)];
    const back = strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []));
    const rising = back.length > 0 ? reverse(x, { axis: back }) : x;
    const first = begin.map((at, axis) => {
      const stride = strides[axis] as number;
      return stride < 0 ? at + Math.max((x.shape[axis] as number) - 1, 0) * stride : at;
    });
    return crop(spread(rising, strides.map(Math.abs)), { begin: first.map((at) => -at), size });
  },
});
