import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { poolAverage } from './pool-average.js';
import { averageAttrs, poolCuts, poolGeometry } from './pool-shapes.js';

const size = z.int().min(0);
const attrs = averageAttrs.extend({
  /** Spatial size of the result, which strides leave open. */
  size: z.tuple([size, size, size]),
});

/** Adjoint of poolAverage: each v is shared out over its window. Shapes: v [n, ...positions, c] -> [n, ...size, c]. */
export const poolAverageGradient: Op<readonly ['v'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'poolAverageGradient',
  inputs: ['v'],
  attrs,
  infer: ({ v }, { size: sizes }) => ({
    dtype: v.dtype,
    shape: [v.shape[0] ?? null, ...sizes, v.shape[4] ?? null],
  }),
  grad: ({ dy }, { size: _, ...slide }) => ({ v: poolAverage(dy, slide) }),
  lower: ({ inputs: { v }, attrs: given, output: { dtype, shape } }) => ({
    kind: 'template',
    template: {
      kind: 'averagePoolGradient',
      countPadding: given.countPadding,
      dtype,
      geometry: poolGeometry(shape, v.shape, given),
    },
  }),
  cuts: () => poolCuts(1),
});
