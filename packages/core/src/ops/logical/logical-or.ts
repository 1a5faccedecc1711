import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether at least one is true. Shapes: a, b bool, broadcast -> bool. Errors: DTYPE_MISMATCH, SHAPE_MISMATCH. */
export const logicalOr: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'logicalOr',
  fn: 'or',
  result: 'logical',
  grad: 'zero',
});
