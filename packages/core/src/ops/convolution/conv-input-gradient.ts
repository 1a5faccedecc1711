import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisSize } from '../../graph/shape.js';
import { conv } from './conv.js';
import { convFilterGradientLike } from './conv-filter-gradient-like.js';
import { checkVolumes, convAttrs, convDType, convGeometry, evenDTypes } from './conv-shapes.js';

const size = z.int().min(0);
const attrs = convAttrs.extend({
  /** Spatial size of the result, which strides leave open. */
  size: z.tuple([size, size, size]),
});

/**
 * The adjoint of convolution in its input, also known as transposed convolution:
 * `dx[n, q, c] = sum of v[n, p, o] f[t, c, o] over p, t, o with p s + t d - before = q`.
 * Shapes: v [n, ...positions, o], filter [...window, c / groups, o] -> [n, ...size, c]. Errors: SHAPE_MISMATCH.
 */
export const convInputGradient: Op<readonly ['v', 'filter'], typeof attrs> =
  /* @__PURE__ */ defineOp({
    name: 'convInputGradient',
    inputs: ['v', 'filter'],
    attrs,
    infer({ v, filter }, { size: sizes, groups }) {
      checkVolumes('convInputGradient', { v, filter });
      const inner = axisSize(filter, 3);
      return {
        dtype: convDType(v, filter),
        shape: [v.shape[0] ?? null, ...sizes, inner === null ? null : inner * groups],
      };
    },
    grad: ({ v, filter, dy }, { size: _, ...slide }) => ({
      v: conv(dy, filter, slide),
      filter: convFilterGradientLike(dy, v, filter, slide),
    }),
    expand({ v, filter }, given) {
      const even = evenDTypes(v, filter);
      return even && convInputGradient(...even, given);
    },
    lower: ({ inputs: { v, filter }, attrs: given, output }) => ({
      kind: 'template',
      template: {
        kind: 'convInputGradient',
        dtype: output.dtype,
        geometry: convGeometry({ x: output.shape, filter: filter.shape, y: v.shape }, given),
      },
    }),
    // Output channels, input channels, the batch.
    cuts: (_inputs, { groups }) =>
      groups > 1
        ? [{ inputs: [0, null], output: 0 }]
        : [
            { inputs: [4, 4], output: null },
            { inputs: [null, 3], output: 4 },
            { inputs: [0, null], output: 0 },
          ],
  });
