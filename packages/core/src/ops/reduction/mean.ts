import { defineOp } from '../../graph/define-op.js';
import type { DType } from '../../graph/dtype.js';
import { div } from '../arithmetic/div.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { countOf } from './count-of.js';
import { type ReduceOp, reduceAttrs, reducedShape } from './reduce.js';
import { sum } from './sum.js';

// A sum of many halves leaves their range long before their mean does.
const wide = (dtype: DType): DType =>
  dtype === 'float16' || dtype === 'bfloat16' ? 'float32' : dtype;

/** Arithmetic mean over axes, `y = (1 / n) sum_i x[i]`; integers give float32, no elements give NaN. Errors: ATTRIBUTE_INVALID. */
export const mean: ReduceOp = /* @__PURE__ */ defineOp({
  name: 'mean',
  inputs: ['x'],
  attrs: reduceAttrs,
  infer: ({ x }, attrs) => ({ dtype: floatLike(x).dtype, shape: reducedShape(x, attrs, 'mean') }),
  grad: 'expand',
  expand({ x }, { axis, keepDims }) {
    const { dtype } = floatLike(x);
    const total = sum(cast(x, { dtype: wide(dtype) }), { axis, keepDims });
    return cast(div(total, countOf(x, { axis, dtype: wide(dtype) })), { dtype });
  },
});
