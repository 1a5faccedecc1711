import { defineSegment, type SegmentOp } from './segment-reduce.js';

/**
 * Product of the rows of each segment; 1 where there is none.
 * Shapes: x [...i, ...inner], segmentIds [...i] -> [numSegments, ...inner].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const unsortedSegmentProd: SegmentOp = /* @__PURE__ */ defineSegment({
  name: 'unsortedSegmentProd',
  mode: 'prod',
  start: () => 1,
});
