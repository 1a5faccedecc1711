import { cast } from '../casting/cast.js';
import { lessEqual } from '../comparison/less-equal.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { logicalNot } from '../logical/logical-not.js';
import { mul } from './mul.js';

/** The smaller of two, NaN where either is; equal operands give their gradient to a. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const minimum: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'minimum',
  fn: 'min',
  result: 'same',
  grad({ a, b, dy }) {
    const first = lessEqual(a, b);
    const share = (chosen: typeof first) => mul(dy, cast(chosen, { dtype: dy.dtype }));
    return { a: share(first), b: share(logicalNot(first)) };
  },
});
