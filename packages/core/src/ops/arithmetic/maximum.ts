import { cast } from '../casting/cast.js';
import { greaterEqual } from '../comparison/greater-equal.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { logicalNot } from '../logical/logical-not.js';
import { mul } from './mul.js';

/** The larger of two, NaN where either is; equal operands give their gradient to a. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const maximum: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'maximum',
  fn: 'max',
  result: 'same',
  grad({ a, b, dy }) {
    const first = greaterEqual(a, b);
    const share = (chosen: typeof first) => mul(dy, cast(chosen, { dtype: dy.dtype }));
    return { a: share(first), b: share(logicalNot(first)) };
  },
});
