import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisSize } from '../../graph/shape.js';
import { conv } from './conv.js';
import { convInputGradientLike } from './conv-input-gradient-like.js';
import { checkVolumes, convAttrs, convDType, convGeometry, evenDTypes } from './conv-shapes.js';

const size = z.int().min(0);
const attrs = convAttrs.extend({
  /** Spatial size of the filter, which strides leave open. */
  window: z.tuple([size, size, size]),
});

/**
 * The adjoint of convolution in its filter, `df[t, c, o] = sum_{n, p} x[n, p s + t d - before, c] v[n, p, o]`.
 * Shapes: x [n, ...size, c], v [n, ...positions, o] -> [...window, c / groups, o]. Errors: SHAPE_MISMATCH.
 */
export const convFilterGradient: Op<readonly ['x', 'v'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'convFilterGradient',
  inputs: ['x', 'v'],
  attrs,
  infer({ x, v }, { window, groups }) {
    checkVolumes('convFilterGradient', { x, v });
    const [channels, outputs] = [axisSize(x, 4), axisSize(v, 4)];
    return {
      dtype: convDType(x, v),
      shape: [...window, channels === null ? null : channels / groups, outputs],
    };
  },
  grad: ({ x, v, dy }, { window: _, ...slide }) => ({
    x: convInputGradientLike(v, dy, x, slide),
    v: conv(x, dy, slide),
  }),
  expand({ x, v }, given) {
    const even = evenDTypes(x, v);
    return even && convFilterGradient(...even, given);
  },
  lower: ({ inputs: { x, v }, attrs: given, output }) => ({
    kind: 'template',
    template: {
      kind: 'convFilterGradient',
      dtype: output.dtype,
      geometry: convGeometry({ x: x.shape, filter: output.shape, y: v.shape }, given),
    },
  }),
  // Output channels, input channels, the batch.
  cuts: (_inputs, { groups }) =>
    groups > 1
      ? [{ inputs: [0, 0], output: null }]
      : [
          { inputs: [null, 4], output: 4 },
          { inputs: [4, null], output: 3 },
          { inputs: [0, 0], output: null },
        ],
});
