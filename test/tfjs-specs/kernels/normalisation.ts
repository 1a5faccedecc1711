import * as tn from '@tenon/core';
import type { FusedBatchNormAttrs, LRNAttrs } from '@tensorflow/tfjs-core';
import type { KernelTable } from '../kernel.js';

export const normalisation = {
  FusedBatchNorm: (
    { x, mean, variance, offset, scale },
    { varianceEpsilon }: FusedBatchNormAttrs,
  ) => tn.batchNorm(x, mean, variance, { offset, scale, varianceEpsilon }),
  LRN: ({ x }, attrs: LRNAttrs) => tn.localResponseNormalization(x, attrs),
  LRNGrad({ x, dy }, attrs: LRNAttrs) {
    const y = tn.localResponseNormalization(x, attrs);
    return tn.gradients(y, [x], { gradYs: [dy] })[0];
  },
} satisfies KernelTable;
