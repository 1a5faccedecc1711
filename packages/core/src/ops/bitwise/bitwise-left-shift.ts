import { type BinaryOp, defineBinary } from '../elementwise.js';

/**
 * Bits moved towards the high end, `y = a 2^b` without the bits that fall out; b from 0 to the number of bits less 1.
 * Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const bitwiseLeftShift: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'bitwiseLeftShift',
  fn: 'shiftLeft',
  result: 'integer',
  grad: null,
});
