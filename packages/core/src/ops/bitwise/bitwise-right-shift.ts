import { type BinaryOp, defineBinary } from '../elementwise.js';

/**
 * Bits moved towards the low end, the sign kept, `y = floor(a / 2^b)`; b from 0 to the number of bits less 1.
 * Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const bitwiseRightShift: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'bitwiseRightShift',
  fn: 'shiftRight',
  result: 'integer',
  grad: null,
});
