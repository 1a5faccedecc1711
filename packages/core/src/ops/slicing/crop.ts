import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, sameShape, stridesOf } from '../../graph/shape.js';
import { copyView } from '../../lower/kernel-builder.js';
import { cropLike } from './crop-like.js';
import { fill } from './fill.js';

const attrs = z.strictObject({
  begin: z.array(z.int()),
  size: z.array(z.int().min(0)),
  value: fill,
});

/** One bound for each axis on which the result reaches outside of x. */
function bounds(x: KnownShape, begin: readonly number[], size: readonly number[]) {
  return x.flatMap((extent, axis) => {
    const first = begin[axis] as number;
    if (first >= 0 && first + (size[axis] as number) <= extent) return [];
    return [
      { index: { offset: first, strides: x.map((_, i) => (i === axis ? 1 : 0)) }, size: extent },
    ];
  });
}

/**
 * A box of x that may reach beyond it, `y[i] = x[begin + i]` and `value` where that lies outside: cuts and pads at once.
 * Shapes: x any -> size.
 */
export const crop: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'crop',
  inputs: ['x'],
  attrs,
  infer: ({ x }, { size }) => ({ dtype: x.dtype, shape: size }),
  grad: ({ x, dy }, { begin }) => ({ x: cropLike(dy, x, { begin: begin.map((at) => -at) }) }),
  lower({ inputs: { x }, output, attrs: { begin, size, value } }) {
    const strides = stridesOf(x.shape);
    const offset = begin.reduce((total, at, axis) => total + at * (strides[axis] as number), 0);
    return copyView(x, output, { offset, strides, bounds: bounds(x.shape, begin, size) }, value);
  },
  simplify: ({ x }, { begin, size }) =>
    sameShape(x.shape, size) && begin.every((at) => at === 0) ? x : null,
  overRows: ({ x }, { begin, size, value }) =>
    crop(x, { begin: [0, ...begin], size: [x.shape[0] as number, ...size], value }),
});
