import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { shift } from '../slicing/shift.js';
import type { CumulativeAttrs } from './define-cumulative.js';
import { linearRecurrence } from './linear-recurrence.js';

interface Flow {
  /** The running extreme with each element included. */
  readonly extreme: Tensor;
  readonly dy: Tensor;
}

/**
 * Adjoint of a running maximum or minimum: an element that sets a record takes the dy of every result up to the next
 * record, `s[i] = dy[i] + (1 - record[i + 1]) s[i + 1]`.
 */
export function extremeSoFarGradient(
  { extreme, dy }: Flow,
  { axis, exclusive, reverse }: CumulativeAttrs,
): { x: Tensor } {
  const [before, after] = reverse ? [-1, 1] : [1, -1];
  // NaN equals nothing, so the first element always counts as a record.
  const previous = shift(extreme, { axis, by: before, value: Number.NaN });
  const held = cast(equal(extreme, previous), { dtype: dy.dtype });
  const given = exclusive ? shift(dy, { axis, by: after }) : dy;
  const flowing = linearRecurrence(given, shift(held, { axis, by: after }), {
    axis,
    reverse: !reverse,
  });
  return { x: mul(flowing, sub(1, held)) };
}
