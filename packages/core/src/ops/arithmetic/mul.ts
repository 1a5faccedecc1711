import { isFilledWith } from '../../graph/constant.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { unchangedBy } from '../identity.js';

/** Product, `y = a b` element by element. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const mul: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'mul',
  fn: 'mul',
  result: 'same',
  grad: ({ a, b, dy }) => ({ a: mul(dy, b), b: mul(dy, a) }),
  simplify({ a, b }) {
    if (isFilledWith(b, 1)) return unchangedBy(a, b);
    return isFilledWith(a, 1) ? unchangedBy(b, a) : null;
  },
});
