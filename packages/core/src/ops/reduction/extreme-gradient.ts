import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { keptLike } from './kept-like.js';
import type { ReduceAttrs } from './reduce.js';

interface Extreme {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly dy: Tensor;
}

/** Adjoint of a maximum or minimum: every element that equals it takes the whole of dy, as in TensorFlow.js. */
export function extremeGradient({ x, y, dy }: Extreme, attrs: ReduceAttrs): { x: Tensor } {
  const chosen = cast(equal(x, keptLike(y, x, attrs)), { dtype: dy.dtype });
  return { x: mul(keptLike(dy, x, attrs), chosen) };
}
