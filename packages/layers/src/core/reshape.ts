import type { Tensor } from '@tenon/core';
import { z } from 'zod';
import { factory } from '../factory.js';
import { Layer, layerConfig } from '../layer.js';
import { reshapeExamples } from './target-shape.js';

const reshapeConfig = layerConfig.extend({
  /** Shape of one example; one size may be -1, and is then worked out. */
  targetShape: z
    .array(z.union([z.int().min(1), z.literal(-1)]))
    .refine((sizes) => sizes.filter((size) => size === -1).length <= 1, 'only one size may be -1'),
});

/** Examples in another shape. Shapes: x [batch, ...] -> [batch, ...targetShape]. Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN. */
export class Reshape extends Layer<typeof reshapeConfig> {
  static override readonly config = reshapeConfig;
  static override readonly className = 'Reshape';

  protected override call(x: Tensor): Tensor {
    return reshapeExamples(x, this.config.targetShape, this.className);
  }
}

/** A layer that gives each example another shape. */
export const reshape = factory(Reshape);
