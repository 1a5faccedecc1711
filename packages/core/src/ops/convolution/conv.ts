import { defineOp, type Op } from '../../graph/define-op.js';
import { slidSizes } from '../window-geometry.js';
import { convFilterGradientLike } from './conv-filter-gradient-like.js';
import { convInputGradientLike } from './conv-input-gradient-like.js';
import {
  checkChannels,
  checkVolumes,
  convAttrs,
  convDType,
  convGeometry,
  evenDTypes,
} from './conv-shapes.js';

/**
 * Convolution over three spatial axes, `y[n, p, o] = sum_{t, c} x[n, p s + t d - before, c] f[t, c, o]`.
 * Shapes: x [n, ...size, c], filter [...window, c / groups, o] -> [n, ...positions, o]. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const conv: Op<readonly ['x', 'filter'], typeof convAttrs> = /* @__PURE__ */ defineOp({
  name: 'conv',
  inputs: ['x', 'filter'],
  attrs: convAttrs,
  infer({ x, filter }, attrs) {
    checkVolumes('conv', { x, filter });
    checkChannels('conv', { channels: x.shape[4] ?? null, filter, groups: attrs.groups });
    const sizes = slidSizes(x.shape.slice(1, 4), filter.shape.slice(0, 3), {
      slide: attrs,
      where: 'conv',
    });
    return {
      dtype: convDType(x, filter),
      shape: [x.shape[0] ?? null, ...sizes, filter.shape[4] ?? null],
    };
  },
  grad: ({ x, filter, dy }, attrs) => ({
    x: convInputGradientLike(dy, filter, x, attrs),
    filter: convFilterGradientLike(x, dy, filter, attrs),
  }),
  expand({ x, filter }, attrs) {
    const even = evenDTypes(x, filter);
    return even && conv(...even, attrs);
  },
  lower: ({ inputs: { x, filter }, attrs, output }) => ({
    kind: 'template',
    template: {
      kind: 'conv',
      dtype: output.dtype,
      geometry: convGeometry({ x: x.shape, filter: filter.shape, y: output.shape }, attrs),
    },
  }),
  // Output channels, input channels, the batch.
  cuts: (_inputs, { groups }) =>
    groups > 1
      ? [{ inputs: [0, null], output: 0 }]
      : [
          { inputs: [null, 4], output: 4 },
          { inputs: [4, 3], output: null },
          { inputs: [0, null], output: 0 },
        ],
});
