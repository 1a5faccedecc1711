import { concat, type Tensor } from '@tenon/core';
import { z } from 'zod';
import { factory } from '../factory.js';
import { type CallContext, Layer, layerConfig } from '../layer.js';

const concatenateConfig = layerConfig.extend({
  /** Axis along which the inputs are joined; the batch is axis 0. */
  axis: z.int().default(-1),
});

/** The inputs one after the other along an axis. Shapes: inputs equal but for that axis. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID. */
export class Concatenate extends Layer<typeof concatenateConfig> {
  static override readonly config = concatenateConfig;
  static override readonly className = 'Concatenate';

  protected override call(_x: Tensor, _context: CallContext, inputs: readonly Tensor[]): Tensor {
    return concat(inputs, { axis: this.config.axis });
  }
}

/** A layer that joins tensors: `layers.concatenate({ axis: -1 }).apply([a, b])`. */
export const concatenate = factory(Concatenate);
