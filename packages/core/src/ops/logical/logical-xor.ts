import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether exactly one is true. Shapes: a, b bool, broadcast -> bool. Errors: DTYPE_MISMATCH, SHAPE_MISMATCH. */
export const logicalXor: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'logicalXor',
  fn: 'xor',
  result: 'logical',
  grad: 'zero',
});
