import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Bits that are set in one of the two, of integers or bool. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const bitwiseXor: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'bitwiseXor',
  fn: 'xor',
  result: 'integer',
  grad: null,
});
