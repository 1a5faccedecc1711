import type { Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Layer, layerConfig } from '../layer.js';
import { reshapeExamples } from './target-shape.js';

/** All elements of an example in one axis. Shapes: x [batch, ...sizes] -> [batch, product of sizes]. */
export class Flatten extends Layer<typeof layerConfig> {
  static override readonly config = layerConfig;
  static override readonly className = 'Flatten';

  protected override call(x: Tensor): Tensor {
    return reshapeExamples(x, [-1], this.className);
  }
}

/** A layer that lays the elements of each example out in one row. */
export const flatten = factory(Flatten);
