import { constant } from '../../../graph/constant.js';
import type { Tensor } from '../../../graph/tensor.js';
import type { AxisRange } from '../../../sharding/cut.js';
import { sub } from '../../arithmetic/sub.js';
import { greaterEqual } from '../../comparison/greater-equal.js';
import { less } from '../../comparison/less.js';
import { logicalAnd } from '../../logical/logical-and.js';
import { select } from '../../logical/select.js';
import { inRange } from '../in-range.js';

/** Indices as one range of an axis sees them. */
export interface RangeIndices {
  /** Whether an index lies in the range. */
  readonly inside: Tensor;
  /** Counted from the begin of the range; 0 for indices that lie outside. */
  readonly local: Tensor;
}

/** Indices into an axis of `total` elements for a range of it. Errors: INDEX_OUT_OF_RANGE in the run, for what is not in the axis. */
export function rangeIndices(
  indices: Tensor,
  { begin, size }: AxisRange,
  { total, where }: { total: number; where: string },
): RangeIndices {
  const { dtype } = indices;
  const index = (value: number) => constant(value, { dtype });
  const checked = inRange(indices, { sizes: [total], where });
  const inside = logicalAnd(
    greaterEqual(checked, index(begin)),
    less(checked, index(begin + size)),
  );
  return { inside, local: select(inside, sub(checked, index(begin)), index(0)) };
}
