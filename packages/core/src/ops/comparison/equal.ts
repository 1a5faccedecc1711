import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether `a = b`; NaN equals nothing. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const equal: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'equal',
  fn: 'equal',
  result: 'bool',
  grad: null,
});
