import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Bits that are set in either, of integers or bool. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const bitwiseOr: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'bitwiseOr',
  fn: 'or',
  result: 'integer',
  grad: null,
});
