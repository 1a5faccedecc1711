import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Bits that are set in both, of integers or bool. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const bitwiseAnd: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'bitwiseAnd',
  fn: 'and',
  result: 'integer',
  grad: null,
});
