import { type BinaryOp, defineBinary } from '../elementwise.js';

/** `a or b`, of bool tensors. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const logicalOr: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'logicalOr',
  fn: 'or',
  result: 'logical',
  grad: null,
});
