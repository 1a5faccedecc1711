import { equal } from '../comparison/equal.js';
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
  // By the result, which is mostly kept anyway, so that b need not be.
  grad: ({ a, y, dy }) => ({ a: where(equal(a, y), dy, 0), b: where(less(a, y), dy, 0) }),
});
