import { defineOp, type Op } from '../../graph/define-op.js';
import type { Triple } from '../window-geometry.js';
import { conv } from './conv.js';
import { convFilterGradient } from './conv-filter-gradient.js';
import { convInputGradientLike } from './conv-input-gradient-like.js';
import { checkVolumes, convAttrs, convDType } from './conv-shapes.js';

/** The filter's gradient, as `convFilterGradient`, with the window of `like`, whose values are not used. Errors: SHAPE_MISMATCH. */
export const convFilterGradientLike: Op<readonly ['x', 'v', 'like'], typeof convAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'convFilterGradientLike',
    inputs: ['x', 'v', 'like'],
    shapeOnly: ['like'],
    attrs: convAttrs,
    infer({ x, v, like }) {
      checkVolumes('convFilterGradientLike', { x, v, like });
      return { dtype: convDType(x, v), shape: like.shape };
    },
    grad: ({ x, v, dy }, attrs) => ({
      x: convInputGradientLike(v, dy, x, attrs),
      v: conv(x, dy, attrs),
    }),
    expand: ({ x, v, like }, attrs) =>
      convFilterGradient(x, v, { ...attrs, window: like.shape.slice(0, 3) as Triple }),
  });
