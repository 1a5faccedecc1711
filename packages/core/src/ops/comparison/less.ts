import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether `a < b`; false where either is NaN. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const less: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'less',
  fn: 'less',
  result: 'bool',
  grad: null,
});
