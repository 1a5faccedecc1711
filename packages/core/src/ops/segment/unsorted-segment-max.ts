import { leastOf } from '../reduction/reduce.js';
import { defineSegment, type SegmentOp } from './segment-reduce.js';

/**
 * Greatest of the rows of each segment; the least value of the dtype where there is none.
 * Shapes: x [...i, ...inner], segmentIds [...i] -> [numSegments, ...inner].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const unsortedSegmentMax: SegmentOp = /* @__PURE__ */ defineSegment({
  name: 'unsortedSegmentMax',
  mode: 'max',
  start: leastOf,
});
