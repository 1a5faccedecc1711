import { type ConvTransposeOp, defineConvTranspose } from './define-conv-transpose.js';

/**
 * The adjoint of conv2d as an op forward: every element of x adds the filter, weighted, to a window of y.
 * Shapes: as conv2d with x and y exchanged; the filter's last two axes are [outputs / groups, inputs].
 * Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const conv2dTranspose: ConvTransposeOp = /* @__PURE__ */ defineConvTranspose(
  'conv2dTranspose',
  2,
);
