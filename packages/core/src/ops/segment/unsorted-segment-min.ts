import { greatestOf } from '../reduction/reduce.js';
import { defineSegment, type SegmentOp } from './segment-reduce.js';

/**
 * Least of the rows of each segment; the greatest value of the dtype where there is none.
 * Shapes: x [...i, ...inner], segmentIds [...i] -> [numSegments, ...inner].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const unsortedSegmentMin: SegmentOp = /* @__PURE__ */ defineSegment({
  name: 'unsortedSegmentMin',
  mode: 'min',
  start: greatestOf,
});
