import { isFilledWith } from '../../graph/constant.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { unchangedBy } from '../identity.js';
import { mul } from './mul.js';
import { neg } from './neg.js';

/** Quotient, `y = a / b`; of integers truncated towards zero, and 0 where b is 0. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const div: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'div',
  fn: 'div',
  result: 'same',
  grad: ({ b, y, dy }) => ({ a: div(dy, b), b: neg(div(mul(dy, y), b)) }),
  simplify: ({ a, b }) => (isFilledWith(b, 1) ? unchangedBy(a, b) : null),
});
