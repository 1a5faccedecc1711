import { call, cast } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';

// Shifting takes place in at least 32 bits, where a negative int8 would bring in the copies of its sign.
function shifted(a: Expression, b: Expression): Expression {
  if (a.dtype !== 'int8') return call('shiftRightLogical', a, b);
  return cast(call('shiftRightLogical', cast(a, 'uint8'), cast(b, 'uint8')), 'int8');
}

/**
 * Bits moved towards the low end, zeros brought in; b from 0 to the number of bits less 1.
 * Shapes: a, b broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const bitwiseRightShiftLogical: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'bitwiseRightShiftLogical',
  fn: (a, b) => shifted(a as Expression, b as Expression),
  result: 'integer',
  grad: null,
});
