import { greaterEqual } from '../comparison/greater-equal.js';
import { less } from '../comparison/less.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { where } from '../logical/where.js';

/**
 * The larger of two, `y = max(a, b)`; NaN where either is NaN. The gradient of equal operands goes to a.
 * Shapes: a, b broadcast. Errors: SHAPE_MISMATCH.
 */
export const maximum: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'maximum',
  fn: 'max',
  result: 'same',
  grad: ({ a, b, dy }) => ({ a: where(greaterEqual(a, b), dy, 0), b: where(less(a, b), dy, 0) }),
});
