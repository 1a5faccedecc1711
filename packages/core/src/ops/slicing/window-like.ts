import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { placeLike } from './place-like.js';
import { checkPlaces } from './strided-view.js';
import { window } from './window.js';

const attrs = z.strictObject({ begin: z.array(z.int().min(0)), strides: z.array(z.int()) });

/** `y[i] = x[begin + i * strides]` with the shape of `like`, whose values are not used. Errors: ATTRIBUTE_INVALID, INDEX_OUT_OF_RANGE. */
export const windowLike: Op<readonly ['x', 'like'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'windowLike',
  inputs: ['x', 'like'],
  shapeOnly: ['like'],
  attrs,
  infer({ x, like }, places) {
    checkPlaces(x, { ...places, size: like.shape }, 'windowLike');
    return { dtype: x.dtype, shape: like.shape };
  },
  grad: ({ x, dy }, places) => ({ x: placeLike(dy, x, places) }),
  expand: ({ x, like }, places) => window(x, { ...places, size: [...(like.shape as KnownShape)] }),
});
