import { isFilledWith } from '../../graph/constant.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { unchangedBy } from '../identity.js';
import { neg } from './neg.js';

/** Difference, `y = a - b`. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const sub: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'sub',
  fn: 'sub',
  result: 'same',
  grad: ({ dy }) => ({ a: dy, b: neg(dy) }),
  simplify: ({ a, b }) => (isFilledWith(b, 0) ? unchangedBy(a, b) : null),
});
