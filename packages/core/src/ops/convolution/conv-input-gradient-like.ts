import { defineOp, type Op } from '../../graph/define-op.js';
import type { Triple } from '../window-geometry.js';
import { conv } from './conv.js';
import { convFilterGradientLike } from './conv-filter-gradient-like.js';
import { convInputGradient } from './conv-input-gradient.js';
import { checkVolumes, convAttrs, convDType } from './conv-shapes.js';

/** The input's gradient, as `convInputGradient`, with the spatial size of `like`, whose values are not used. Errors: SHAPE_MISMATCH. */
export const convInputGradientLike: Op<readonly ['v', 'filter', 'like'], typeof convAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'convInputGradientLike',
    inputs: ['v', 'filter', 'like'],
    shapeOnly: ['like'],
    attrs: convAttrs,
    infer({ v, filter, like }) {
      checkVolumes('convInputGradientLike', { v, filter, like });
      return { dtype: convDType(v, filter), shape: like.shape };
    },
    grad: ({ v, filter, dy }, attrs) => ({
      v: conv(dy, filter, attrs),
      filter: convFilterGradientLike(dy, v, filter, attrs),
    }),
    expand: ({ v, filter, like }, attrs) =>
      convInputGradient(v, filter, { ...attrs, size: like.shape.slice(1, 4) as Triple }),
  });
