import { greater } from '../comparison/greater.js';
import { lessEqual } from '../comparison/less-equal.js';
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
  grad: ({ a, b, dy }) => ({ a: where(lessEqual(a, b), dy, 0), b: where(greater(a, b), dy, 0) }),
});
