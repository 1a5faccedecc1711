import { defineOp, type Op } from '../../graph/define-op.js';
import type { Triple } from '../window-geometry.js';
import { poolAverage } from './pool-average.js';
import { poolAverageGradient } from './pool-average-gradient.js';
import { averageAttrs } from './pool-shapes.js';

/** The input's gradient, as `poolAverageGradient`, with the spatial size of `like`, whose values are not used. */
export const poolAverageGradientLike: Op<readonly ['v', 'like'], typeof averageAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'poolAverageGradientLike',
    inputs: ['v', 'like'],
    shapeOnly: ['like'],
    attrs: averageAttrs,
    infer: ({ v, like }) => ({ dtype: v.dtype, shape: like.shape }),
    grad: ({ dy }, attrs) => ({ v: poolAverage(dy, attrs) }),
    expand: ({ v, like }, attrs) =>
      poolAverageGradient(v, { ...attrs, size: like.shape.slice(1, 4) as Triple }),
  });
