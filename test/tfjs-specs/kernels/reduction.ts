import * as tn from '@tenon/core';
import type {
  ArgMaxAttrs,
  CumsumAttrs,
  LogSoftmaxAttrs,
  MaxAttrs,
  SoftmaxAttrs,
  SumAttrs,
} from '@tensorflow/tfjs-core';
import type { Inputs, KernelTable } from '../kernel.js';

interface Axes {
  readonly axis?: number | number[];
  readonly keepDims: boolean;
}

type Reduction = (x: tn.Tensor, attrs: Axes) => tn.Tensor;

/** tfjs says null for all axes. */
const axes = (axis: number | number[] | null, keepDims = false): Axes =>
  axis === null || axis === undefined ? { keepDims } : { axis, keepDims };

const reduction =
  (op: Reduction) =>
  ({ x }: Inputs, { axis, keepDims }: SumAttrs) =>
    op(x, axes(axis, keepDims));

export const reductions = {
  All: reduction(tn.all),
  Any: reduction(tn.any),
  Max: ({ x }, { reductionIndices: axis, keepDims }: MaxAttrs) => tn.max(x, axes(axis, keepDims)),
  Mean: reduction(tn.mean),
  Min: reduction(tn.min),
  Prod: reduction(tn.prod),
  Sum: reduction(tn.sum),

  ArgMax: ({ x }, { axis }: ArgMaxAttrs) => tn.argMax(x, { axis }),
  ArgMin: ({ x }, { axis }: ArgMaxAttrs) => tn.argMin(x, { axis }),
  Cumprod: ({ x }, attrs: CumsumAttrs) => tn.cumprod(x, attrs),
  Cumsum: ({ x }, attrs: CumsumAttrs) => tn.cumsum(x, attrs),
  LogSoftmax: ({ logits }, { axis }: LogSoftmaxAttrs) => tn.logSoftmax(logits, { axis }),
  Softmax: ({ logits }, { dim }: SoftmaxAttrs) => tn.softmax(logits, { axis: dim }),
} satisfies KernelTable;
