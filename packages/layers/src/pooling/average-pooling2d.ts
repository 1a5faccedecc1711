import { avgPool, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Pooling2D, type PoolOptions } from './pooling2d.js';

/**
 * The mean of each window, padding not counted.
 * Shapes: x [batch, height, width, channels] -> [batch, rows, columns, channels].
 */
export class AveragePooling2D extends Pooling2D {
  static override readonly className = 'AveragePooling2D';

  protected override pool(x: Tensor, options: PoolOptions): Tensor {
    return avgPool(x, options);
  }
}

/** A layer that takes the mean of each window. */
export const averagePooling2d = factory(AveragePooling2D);
