import { defineOp } from '../../graph/define-op.js';
import { broadcastShapes } from '../../graph/shape.js';
import type { BinaryOp } from '../elementwise.js';
import { less } from './less.js';

/** Whether `a > b`, element by element; false where either is NaN. Shapes: a, b broadcast -> bool. Errors: SHAPE_MISMATCH. */
export const greater: BinaryOp = /* @__PURE__ */ defineOp({
  name: 'greater',
  inputs: ['a', 'b'],
  broadcasts: true,
  infer: ({ a, b }) => ({ dtype: 'bool', shape: broadcastShapes({ a, b }, 'greater') }),
  grad: 'zero',
  expand: ({ a, b }) => less(b, a),
});
