import { defineOp } from '../../graph/define-op.js';
import type { DType } from '../../graph/dtype.js';
import { abs } from '../arithmetic/abs.js';
import { div } from '../arithmetic/div.js';
import { maximum } from '../arithmetic/maximum.js';
import { mul } from '../arithmetic/mul.js';
import { sqrt } from '../arithmetic/sqrt.js';
import { square } from '../arithmetic/square.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { finite } from '../finite.js';
import { reshapeLike } from '../shape/reshape-like.js';
import { keptLike } from './kept-like.js';
import { max } from './max.js';
import { type ReduceOp, reduceAttrs, reducedShape } from './reduce.js';
import { sum } from './sum.js';

// The least normal numbers: a norm below them is taken for that of zeros.
const tiny = (dtype: DType): number => (dtype === 'float16' ? 2 ** -14 : 2 ** -126);

/**
 * Euclidean length over axes, `y = sqrt(sum_i x[i]^2)`, without overflow of the squares; its gradient at 0 is taken as 0.
 * Errors: ATTRIBUTE_INVALID.
 */
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
  // y = m sqrt(sum (x / m)^2), m the largest |x|
  expand({ x }, attrs) {
    const given = cast(x, { dtype: floatLike(x).dtype });
    const most = max(abs(given), { axis: attrs.axis, keepDims: true });
    const scale = finite(maximum(most, tiny(given.dtype)));
    const length = sqrt(sum(square(div(given, scale)), attrs));
    return mul(length, reshapeLike(scale, length));
  },
});
