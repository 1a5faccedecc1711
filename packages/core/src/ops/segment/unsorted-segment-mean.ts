import { constant } from '../../graph/constant.js';
import { defineOp } from '../../graph/define-op.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { floatLike } from '../elementwise.js';
import { broadcastLike } from '../shape/broadcast-like.js';
import { reshape } from '../shape/reshape.js';
import { type SegmentOp, segmentAttrs, segmentedShape } from './segment-reduce.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

/**
 * Mean of the rows of each segment; 0 where there is none. Integers give float32.
 * Shapes: x [...i, ...inner], segmentIds [...i] -> [numSegments, ...inner].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const unsortedSegmentMean: SegmentOp = /* @__PURE__ */ defineOp({
  name: 'unsortedSegmentMean',
  inputs: ['x', 'segmentIds'],
  integer: ['segmentIds'],
  attrs: segmentAttrs,
  infer: (given, { numSegments }) => ({
    dtype: floatLike(given.x).dtype,
    shape: segmentedShape('unsortedSegmentMean', given, numSegments),
  }),
  grad: 'expand',
  expand({ x, segmentIds }, { numSegments }) {
    const { dtype } = floatLike(x);
    // Half precision can not count beyond 2048.
    const wide = dtype === 'float64' ? dtype : 'float32';
    const total = unsortedSegmentSum(cast(x, { dtype: wide }), segmentIds, { numSegments });
    const rows = unsortedSegmentSum(
      broadcastLike(constant(1, { dtype: wide }), segmentIds),
      segmentIds,
      { numSegments },
    );
    const count = add(rows, cast(equal(rows, 0), { dtype: wide }));
    return cast(
      div(total, reshape(count, { shape: [numSegments, ...total.shape.slice(1).map(() => 1)] })),
      { dtype },
    );
  },
});
