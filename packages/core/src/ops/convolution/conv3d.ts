import { type ConvOp, defineConv } from './define-conv.js';

/**
 * Convolution over three spatial axes, volumes: `y[n, p, o] = sum_{t, c} x[n, p s + t d - before, c] f[t, c, o]`.
 * Shapes: x [n, d, h, w, c], filter [kd, kh, kw, c / groups, o] -> [n, d', h', w', o]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const conv3d: ConvOp = /* @__PURE__ */ defineConv('conv3d', 3);
