import { defineSegment, type SegmentOp } from './segment-reduce.js';

/**
 * Sum of the rows of each segment, `y[s] = sum of x[i] with segmentIds[i] = s`; 0 where there is
 * none.
 * Shapes: x [...i, ...inner], segmentIds [...i] -> [numSegments, ...inner].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const unsortedSegmentSum: SegmentOp = /* @__PURE__ */ defineSegment({
  name: 'unsortedSegmentSum',
  mode: 'add',
  start: () => 0,
});
