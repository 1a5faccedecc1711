import { GraphError } from '../../errors.js';
import { constantOp, integerConstantOf, type TensorLike } from '../../graph/constant.js';
import type { HostTensor } from '../../graph/host-tensor.js';
import type { Tensor } from '../../graph/tensor.js';
import type { SegmentOp } from './segment-reduce.js';
import { unsortedSegmentMax } from './unsorted-segment-max.js';
import { unsortedSegmentMean } from './unsorted-segment-mean.js';
import { unsortedSegmentMin } from './unsorted-segment-min.js';
import { unsortedSegmentProd } from './unsorted-segment-prod.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

interface SortedSegments {
  /** The number of rows of the result; may be left out where the segments are constants. */
  readonly numSegments?: number;
}

/**
 * One more than the last segment. Errors: VALUE_INVALID where they do not rise from 0 on,
 * ATTRIBUTE_INVALID where they are not known.
 */
function countedSegments(where: string, segmentIds: Tensor, given: number | undefined): number {
  if (segmentIds.node.op !== constantOp) {
    if (given !== undefined) return given;
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: 'the number of segments is not known before the run.',
      given: { segmentIds },
      fix: 'give numSegments.',
    });
  }
  let last = 0;
  for (const element of (segmentIds.node.attrs.value as HostTensor).data) {
    if (Number(element) < last) {
      throw new GraphError('VALUE_INVALID', where, {
        what: `segment ${element} comes after ${last}.`,
        fix: 'sort the rows by their segment, or use the unsorted op.',
      });
    }
    last = Number(element);
  }
  return given ?? (segmentIds.size === 0 ? 0 : last + 1);
}

type Segment = (x: TensorLike, segmentIds: TensorLike, options?: SortedSegments) => Tensor;

const sorted =
  (where: string, op: SegmentOp): Segment =>
  (x, segmentIds, options = {}) => {
    const ids = integerConstantOf(segmentIds, where);
    return op(x, ids, { numSegments: countedSegments(where, ids, options.numSegments) });
  };

/**
 * Sum of the rows of each segment, where segments rise from row to row; see `unsortedSegmentSum`.
 */
export const segmentSum: Segment = /* @__PURE__ */ sorted('segmentSum', unsortedSegmentSum);

/**
 * Mean of the rows of each segment, where segments rise from row to row; see `unsortedSegmentMean`.
 */
export const segmentMean: Segment = /* @__PURE__ */ sorted('segmentMean', unsortedSegmentMean);

/**
 * Product of the rows of each segment, where segments rise from row to row; see
 * `unsortedSegmentProd`.
 */
export const segmentProd: Segment = /* @__PURE__ */ sorted('segmentProd', unsortedSegmentProd);

/**
 * Greatest of the rows of each segment, where segments rise from row to row; see
 * `unsortedSegmentMax`.
 */
export const segmentMax: Segment = /* @__PURE__ */ sorted('segmentMax', unsortedSegmentMax);

/**
 * Least of the rows of each segment, where segments rise from row to row; see `unsortedSegmentMin`.
 */
export const segmentMin: Segment = /* @__PURE__ */ sorted('segmentMin', unsortedSegmentMin);
