import { defineOp } from '../../graph/define-op.js';
import { broadcastShapes } from '../../graph/shape.js';
import type { BinaryOp } from '../elementwise.js';
import { logicalOr } from '../logical/logical-or.js';
import { equal } from './equal.js';
import { less } from './less.js';

/** Whether `a <= b`, element by element; false where either is NaN. Shapes: a, b broadcast -> bool. Errors: SHAPE_MISMATCH. */
export const lessEqual: BinaryOp = /* @__PURE__ */ defineOp({
  name: 'lessEqual',
  inputs: ['a', 'b'],
  broadcasts: true,
  infer: ({ a, b }) => ({ dtype: 'bool', shape: broadcastShapes({ a, b }, 'lessEqual') }),
  grad: 'zero',
  expand: ({ a, b }) => logicalOr(less(a, b), equal(a, b)),
});
