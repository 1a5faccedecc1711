import { defineOp } from '../../graph/define-op.js';
import { broadcastShapes } from '../../graph/shape.js';
import type { BinaryOp } from '../elementwise.js';
import { lessEqual } from './less-equal.js';

/** Whether `a >= b`, element by element; false where either is NaN. Shapes: a, b broadcast -> bool. Errors: SHAPE_MISMATCH. */
export const greaterEqual: BinaryOp = /* @__PURE__ */ defineOp({
  name: 'greaterEqual',
  inputs: ['a', 'b'],
  broadcasts: true,
  infer: ({ a, b }) => ({ dtype: 'bool', shape: broadcastShapes({ a, b }, 'greaterEqual') }),
  grad: 'zero',
  expand: ({ a, b }) => lessEqual(b, a),
});
