import { type BinaryOp, defineBinary } from '../elementwise.js';

/** `a and b`, of bool tensors. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const logicalAnd: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'logicalAnd',
  fn: 'and',
  result: 'logical',
  grad: null,
});
