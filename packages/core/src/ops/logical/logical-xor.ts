import { type BinaryOp, defineBinary } from '../elementwise.js';

/** `a or b, not both`, of bool tensors. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const logicalXor: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'logicalXor',
  fn: 'xor',
  result: 'logical',
  grad: null,
});
