import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether both are true. Shapes: a, b bool, broadcast -> bool. Errors: DTYPE_MISMATCH, SHAPE_MISMATCH. */
export const logicalAnd: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'logicalAnd',
  fn: 'and',
  result: 'logical',
  grad: 'zero',
});
