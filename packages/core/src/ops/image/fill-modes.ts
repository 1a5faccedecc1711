import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { clipByValue } from '../arithmetic/clip-by-value.js';
import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { sub } from '../arithmetic/sub.js';
import { greater } from '../comparison/greater.js';
import { greaterEqual } from '../comparison/greater-equal.js';
import { less } from '../comparison/less.js';
import { where } from '../logical/where.js';
import { floor } from '../rounding/floor.js';

/** How an image goes on outside its edges. */
type FillMode = 'constant' | 'nearest' | 'reflect' | 'wrap';

const onAxis = (at: Tensor, size: number): Tensor =>
  clipByValue(at, { min: 0, max: Math.max(size - 1, 0) });

// abcd goes on as dcba|abcd|dcba.
function reflected(at: Tensor, size: number): Tensor {
  const period = 2 * size;
  const front = add(at, mul(floor(mul(neg(at), 1 / period)), period));
  const ahead = where(less(front, -size), add(front, period), sub(neg(front), 1));
  const rest = sub(at, mul(floor(mul(at, 1 / period)), period));
  const behind = where(greaterEqual(rest, size), sub(period - 1, rest), rest);
  return where(less(at, 0), ahead, where(greater(at, size - 1), behind, at));
}

// abcd goes on as abcd|abcd|abcd.
function wrapped(at: Tensor, size: number): Tensor {
  const ahead = add(at, mul(add(floor(mul(neg(at), 1 / (size - 1))), 1), size));
  const behind = sub(at, mul(floor(mul(at, 1 / (size - 1))), size));
  return where(less(at, 0), ahead, where(greater(at, size - 1), behind, at));
}

/** Places on an axis of `size` pixels, those outside moved as the mode says. */
export function broughtInside(at: Tensor, size: number, mode: FillMode): Tensor {
  if (mode === 'constant') return at;
  if (mode === 'nearest' || size <= 1) return onAxis(at, size);
  return onAxis(mode === 'reflect' ? reflected(at, size) : wrapped(at, size), size);
}
