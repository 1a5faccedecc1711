import { isFilledWith } from '../../graph/constant.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { unchangedBy } from '../identity.js';

/** Sum, `y = a + b`. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const add: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'add',
  fn: 'add',
  result: 'same',
  grad: ({ dy }) => ({ a: dy, b: dy }),
  adds: true,
  // -0 + 0 is 0, so only a zero of the other sign is neutral: x + (-0) = x.
  simplify({ a, b }) {
    if (isFilledWith(b, -0)) return unchangedBy(a, b);
    return isFilledWith(a, -0) ? unchangedBy(b, a) : null;
  },
});
