import { maxPool, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Pooling2D, type PoolOptions } from './pooling2d.js';

/** The largest value of each window. Shapes: x [batch, height, width, channels] -> [batch, rows, columns, channels]. */
export class MaxPooling2D extends Pooling2D {
  static override readonly className = 'MaxPooling2D';

  protected override pool(x: Tensor, options: PoolOptions): Tensor {
    return maxPool(x, options);
  }
}

/** A layer that keeps the largest value of each window. */
export const maxPooling2d = factory(MaxPooling2D);
