import { isFloat } from '../../graph/dtype.js';
import { call, cast, literal, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';

function floorOfQuotient(a: Expression, b: Expression): Expression {
  const quotient = call('div', a, b);
  if (isFloat(a.dtype)) return call('floor', quotient);
  // Integer division truncates: one less where the signs differ and something is left over.
  const zero = literal(0, a.dtype);
  const opposite = call('xor', call('less', a, zero), call('less', b, zero));
  const exact = call('equal', call('mul', quotient, b), a);
  const divides = call('or', exact, call('equal', b, zero));
  const lower = call('and', opposite, call('not', divides));
  return select(lower, call('sub', quotient, cast(lower, a.dtype)), quotient);
}

/** Quotient rounded down, `y = floor(a / b)`; of integers 0 where b is 0. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const floorDiv: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'floorDiv',
  fn: (a, b) => floorOfQuotient(a as Expression, b as Expression),
  result: 'same',
  grad: 'zero',
});
