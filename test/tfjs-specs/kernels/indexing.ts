import * as tn from '@tenon/core';
import type {
  BincountAttrs,
  DenseBincountAttrs,
  GatherV2Attrs,
  OneHotAttrs,
  ScatterNdAttrs,
  SearchSortedAttrs,
  TopKAttrs,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import type { KernelTable } from '../kernel.js';

/** Plain numbers are tuples of one. */
const tuples = (indices: tn.Tensor): tn.Tensor =>
  indices.rank === 1 ? tn.expandDims(indices, { axis: 1 }) : indices;

export const indexing = {
  Bincount: ({ x, weights }, { size }: BincountAttrs) =>
    tn.bincount(tn.flatten(x), weights, { size }),
  DenseBincount: ({ x, weights }, { size, binaryOutput = false }: DenseBincountAttrs) =>
    tn.denseBincount(x, weights, { size, binaryOutput }),
  Diag: ({ x }) => tn.diag(x),
  GatherNd: ({ params, indices }) => tn.gatherND(params, indices),
  GatherV2: ({ x, indices }, { axis, batchDims }: GatherV2Attrs) =>
    tn.gather(x, indices, { axis, batchDims }),
  LowerBound: ({ sortedSequence, values }) =>
    tn.searchSorted(sortedSequence, values, { side: 'left' }),
  UpperBound: ({ sortedSequence, values }) =>
    tn.searchSorted(sortedSequence, values, { side: 'right' }),
  SearchSorted: ({ sortedSequence, values }, { side }: SearchSortedAttrs) =>
    tn.searchSorted(sortedSequence, values, { side }),
  OneHot: ({ indices }, { depth, onValue, offValue, dtype }: OneHotAttrs) =>
    tn.oneHot(indices, { depth, onValue, offValue, dtype: dtype as tn.DType }),
  ScatterNd: ({ indices, updates }, { shape }: ScatterNdAttrs) =>
    tn.scatterND(tuples(indices), updates, { shape }),
  TensorScatterUpdate: ({ tensor, indices, updates }) =>
    tn.tensorScatterUpdate(tensor, tuples(indices), updates),
  TopK: ({ x }, { k }: TopKAttrs) => tn.topK(x, { k }),
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }: UnsortedSegmentSumAttrs) =>
    tn.unsortedSegmentSum(x, segmentIds, { numSegments }),
} satisfies KernelTable;
