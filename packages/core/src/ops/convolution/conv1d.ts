import { type ConvOp, defineConv } from './define-conv.js';

/**
 * Convolution over one spatial axis, sequences: `y[n, p, o] = sum_{t, c} x[n, p s + t d - before, c] f[t, c, o]`.
 * Shapes: x [n, w, c], filter [kw, c / groups, o] -> [n, w', o]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const conv1d: ConvOp = /* @__PURE__ */ defineConv('conv1d', 1);
