import { type ConvTransposeOp, defineConvTranspose } from './define-conv-transpose.js';

/**
 * The adjoint of conv3d as an op forward: every element of x adds the filter, weighted, to a window of y.
 * Shapes: as conv3d with x and y exchanged; the filter's last two axes are [outputs / groups, inputs].
 * Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const conv3dTranspose: ConvTransposeOp = /* @__PURE__ */ defineConvTranspose(
  'conv3dTranspose',
  3,
);
