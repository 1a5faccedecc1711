import { defineOp } from '../../graph/define-op.js';
import { broadcastShapes } from '../../graph/shape.js';
import type { BinaryOp } from '../elementwise.js';
import { logicalNot } from '../logical/logical-not.js';
import { equal } from './equal.js';

/** Whether `a != b`, element by element; true where either is NaN. Shapes: a, b broadcast -> bool. Errors: SHAPE_MISMATCH. */
export const notEqual: BinaryOp = /* @__PURE__ */ defineOp({
  name: 'notEqual',
  inputs: ['a', 'b'],
  broadcasts: true,
  infer: ({ a, b }) => ({ dtype: 'bool', shape: broadcastShapes({ a, b }, 'notEqual') }),
  grad: 'zero',
  expand: ({ a, b }) => logicalNot(equal(a, b)),
});
