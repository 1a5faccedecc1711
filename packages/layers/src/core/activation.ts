import type { Tensor } from '@tenon/core';
import { activation as activationOf, activationSchema } from '../activations/index.js';
import { factory } from '../factory.js';
import { Layer, layerConfig } from '../layer.js';

const activationConfig = layerConfig.extend({ activation: activationSchema });

/** Applies an activation by name or function. Shapes: x -> x. */
export class Activation extends Layer<typeof activationConfig> {
  static override readonly config = activationConfig;
  static override readonly className = 'Activation';

  protected override call(x: Tensor): Tensor {
    return activationOf(this.config.activation)(x);
  }
}

/** A layer of one activation. */
export const activation = factory(Activation);
