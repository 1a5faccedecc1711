import { equal } from '../comparison/equal.js';
import { greater } from '../comparison/greater.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { where } from '../logical/where.js';

/**
 * The smaller of two, `y = min(a, b)`; NaN where either is NaN. The gradient of equal operands goes to a.
 * Shapes: a, b broadcast. Errors: SHAPE_MISMATCH.
 */
export const minimum: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'minimum',
  fn: 'min',
  result: 'same',
  // By the result, which is mostly kept anyway, so that b need not be.
  grad: ({ a, y, dy }) => ({ a: where(equal(a, y), dy, 0), b: where(greater(a, y), dy, 0) }),
});
