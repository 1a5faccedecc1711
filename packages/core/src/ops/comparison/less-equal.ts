import { call } from '../../lower/kernel-builder.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether `a <= b`; false where either is NaN. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const lessEqual: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'lessEqual',
  fn: (a, b) => call('or', call('less', a, b), call('equal', a, b)),
  result: 'bool',
  grad: null,
});
