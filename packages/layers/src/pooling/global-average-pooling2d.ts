import { mean, type Tensor } from '@tenon/core';
import { z } from 'zod';
import { dataFormat } from '../config.js';
import { factory } from '../factory.js';
import { Layer, layerConfig } from '../layer.js';
import { checkRank } from '../shape.js';

const globalPooling2DConfig = layerConfig.extend({
  /** Keeps height and width as axes of size 1. */
  keepDims: z.boolean().default(false),
  dataFormat: dataFormat.default('channelsLast'),
});

/** The mean of each channel. Shapes: x [batch, height, width, channels] -> [batch, channels]. Errors: SHAPE_MISMATCH. */
export class GlobalAveragePooling2D extends Layer<typeof globalPooling2DConfig> {
  static override readonly config = globalPooling2DConfig;
  static override readonly className = 'GlobalAveragePooling2D';

  protected override call(x: Tensor): Tensor {
    checkRank(x, { rank: 4, axes: 'batch, height, width, channels', where: this.className });
    const { keepDims, dataFormat: format } = this.config;
    return mean(x, { axis: format === 'channelsFirst' ? [2, 3] : [1, 2], keepDims });
  }
}

/** A layer that takes the mean of each channel. */
export const globalAveragePooling2d = factory(GlobalAveragePooling2D);
