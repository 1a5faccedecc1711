import { type ConvOp, defineConv } from './define-conv.js';

/**
 * Convolution over two spatial axes, images: `y[n, p, o] = sum_{t, c} x[n, p s + t d - before, c] f[t, c, o]`.
 * Shapes: x [n, h, w, c], filter [kh, kw, c / groups, o] -> [n, h', w', o]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const conv2d: ConvOp = /* @__PURE__ */ defineConv('conv2d', 2);
