import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { crop } from './crop.js';

const attrs = z.strictObject({ begin: z.array(z.int()) });

/** `y[i] = x[begin + i]`, and 0 where that lies outside, with the shape of `like`, whose values are not used. */
export const cropLike: Op<readonly ['x', 'like'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'cropLike',
  inputs: ['x', 'like'],
  shapeOnly: ['like'],
  attrs,
  infer: ({ x, like }) => ({ dtype: x.dtype, shape: like.shape }),
  grad: ({ x, dy }, { begin }) => ({ x: cropLike(dy, x, { begin: begin.map((at) => -at) }) }),
  expand: ({ x, like }, { begin }) => crop(x, { begin, size: [...(like.shape as KnownShape)] }),
});
