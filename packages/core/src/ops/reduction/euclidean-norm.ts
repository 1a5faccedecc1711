import { defineOp } from '../../graph/define-op.js';
import type { DType } from '../../graph/dtype.js';
import { div } from '../arithmetic/div.js';
import { maximum } from '../arithmetic/maximum.js';
import { mul } from '../arithmetic/mul.js';
import { sqrt } from '../arithmetic/sqrt.js';
import { square } from '../arithmetic/square.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { keptLike } from './kept-like.js';
import { type ReduceOp, reduceAttrs, reducedShape } from './reduce.js';
import { sum } from './sum.js';

// The least normal numbers: a norm below them is that of zeros, for squares of anything smaller vanish.
const tiny = (dtype: DType): number => (dtype === 'float16' ? 2 ** -14 : 2 ** -126);

/** Euclidean length over axes, `y = sqrt(sum_i x[i]^2)`; its gradient at 0 is taken as 0. Errors: ATTRIBUTE_INVALID. */
export const euclideanNorm: ReduceOp = /* @__PURE__ */ defineOp({
  name: 'euclideanNorm',
  inputs: ['x'],
  attrs: reduceAttrs,
  infer: ({ x }, attrs) => ({
    dtype: floatLike(x).dtype,
    shape: reducedShape(x, attrs, 'euclideanNorm'),
  }),
  // dx = dy x / y
  grad({ x, y, dy }, attrs) {
    const length = maximum(y, tiny(y.dtype));
    return { x: mul(keptLike(dy, x, attrs), div(x, keptLike(length, x, attrs))) };
  },
  expand: ({ x }, attrs) => sqrt(sum(square(cast(x, { dtype: floatLike(x).dtype })), attrs)),
});
