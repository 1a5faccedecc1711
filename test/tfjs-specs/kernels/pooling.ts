import * as tn from '@tenon/core';
import type { MaxPoolWithArgmaxAttrs } from '@tensorflow/tfjs-core';
import type { Inputs, KernelTable } from '../kernel.js';
import { type PoolAttrs, poolOf } from './window.js';

type Pool = (x: tn.Tensor, attrs: ReturnType<typeof poolOf>) => tn.Tensor;

const forward =
  (op: Pool) =>
  ({ x }: Inputs, attrs: PoolAttrs) =>
    op(x, poolOf(attrs));

const backward =
  (op: Pool) =>
  ({ input, dy }: Inputs, attrs: PoolAttrs) =>
    tn.gradients(op(input, poolOf(attrs)), [input], { gradYs: [dy] })[0];

export const pooling = {
  AvgPool: forward(tn.avgPool),
  AvgPool3D: forward(tn.avgPool3d),
  AvgPool3DGrad: backward(tn.avgPool3d),
  AvgPoolGrad: backward(tn.avgPool),
  MaxPool: forward(tn.maxPool),
  MaxPool3D: forward(tn.maxPool3d),
  MaxPool3DGrad: backward(tn.maxPool3d),
  MaxPoolGrad: backward(tn.maxPool),
  MaxPoolWithArgmax({ x }, { includeBatchInIndex, ...attrs }: MaxPoolWithArgmaxAttrs) {
    const { values, indices } = tn.maxPoolWithArgmax(x, { ...poolOf(attrs), includeBatchInIndex });
    return [values, indices];
  },
} satisfies KernelTable;
