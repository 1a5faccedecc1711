import { call } from '../../lower/kernel-builder.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether `a >= b`; false where either is NaN. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const greaterEqual: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'greaterEqual',
  fn: (a, b) => call('or', call('less', b, a), call('equal', a, b)),
  result: 'bool',
  grad: null,
});
