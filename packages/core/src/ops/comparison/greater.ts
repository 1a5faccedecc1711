import { call } from '../../lower/kernel-builder.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether `a > b`; false where either is NaN. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const greater: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'greater',
  fn: (a, b) => call('less', b, a),
  result: 'bool',
  grad: null,
});
