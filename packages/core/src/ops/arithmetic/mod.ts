import { type BinaryOp, defineBinary } from '../elementwise.js';
import { floorDiv } from './floor-div.js';
import { mul } from './mul.js';
import { neg } from './neg.js';

/**
 * Remainder with the sign of the divisor, `y = a - b floor(a / b)`; of integers 0 where b is 0.
 * Shapes: a, b broadcast. Errors: SHAPE_MISMATCH.
 */
export const mod: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'mod',
  fn: 'mod',
  result: 'same',
  grad: ({ a, b, dy }) => ({ a: dy, b: neg(mul(dy, floorDiv(a, b))) }),
});
