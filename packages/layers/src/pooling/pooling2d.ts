import type { Tensor } from '@tenon/core';
import { dataFormat, padding as paddings, perAxis } from '../config.js';
import { Layer, layerConfig } from '../layer.js';

export const pooling2DConfig = layerConfig.extend({
  poolSize: perAxis(2).default([2, 2]),
  /** poolSize when left out: windows that do not overlap. */
  strides: perAxis(2).optional(),
  padding: paddings.default('valid'),
  dataFormat: dataFormat.default('channelsLast'),
});

/** What a pooling op is told. */
export interface PoolOptions {
  filterSize: number[];
  strides: number[];
  padding: 'valid' | 'same';
  dataFormat: 'NHWC' | 'NCHW';
}

/** One value for each window of an image and channel. */
export abstract class Pooling2D extends Layer<typeof pooling2DConfig> {
  static override readonly config = pooling2DConfig;

  protected abstract pool(x: Tensor, options: PoolOptions): Tensor;

  protected override call(x: Tensor): Tensor {
    const { poolSize, strides = poolSize, padding, dataFormat: format } = this.config;
    const layout = format === 'channelsFirst' ? 'NCHW' : 'NHWC';
    return this.pool(x, { filterSize: poolSize, strides, padding, dataFormat: layout });
  }
}
