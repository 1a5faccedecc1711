import { call } from '../../lower/kernel-builder.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether `a != b`; NaN differs from everything. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const notEqual: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'notEqual',
  fn: (a, b) => call('not', call('equal', a, b)),
  result: 'bool',
  grad: null,
});
