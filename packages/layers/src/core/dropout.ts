import type { Tensor } from '@tenon/core';
import { dropout as dropoutOf } from '@tenon/core';
import { z } from 'zod';
import { factory } from '../factory.js';
import { type CallContext, Layer, layerConfig } from '../layer.js';

const dropoutConfig = layerConfig.extend({
  /** Fraction of the elements that training sets to 0. */
  rate: z.number().min(0).lt(1),
  /** Shape of the mask that is broadcast over x; null means the size of x. */
  noiseShape: z.array(z.int().min(1).nullable()).optional(),
  /** Same seed, same masks; without one every layer has its own. */
  seed: z.int().min(0).optional(),
});

/**
 * In training, `y = x mask / (1 - rate)` with a random mask of zeros and ones; otherwise x. Shapes: x -> x.
 * Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
 */
export class Dropout extends Layer<typeof dropoutConfig> {
  static override readonly config = dropoutConfig;
  static override readonly className = 'Dropout';

  protected override call(x: Tensor, { training }: CallContext): Tensor {
    const { rate, noiseShape, seed } = this.config;
    return training && rate > 0 ? dropoutOf(x, { rate, noiseShape, seed }) : x;
  }
}

/** A layer that drops elements at random while training. */
export const dropout = factory(Dropout);
