import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether `a < b`, element by element; false where either is NaN. Shapes: a, b broadcast -> bool. Errors: SHAPE_MISMATCH. */
export const less: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'less',
  fn: 'less',
  result: 'bool',
  grad: 'zero',
});
