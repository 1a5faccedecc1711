import { add, matMul, type Shape, type Tensor, type Variable } from '@tenon/core';
import { z } from 'zod';
import { activation, activationSchema } from '../activations/index.js';
import { factory } from '../factory.js';
import { initializerSchema } from '../initializers/index.js';
import { Layer, layerConfig } from '../layer.js';
import { lastSize } from '../shape.js';

const denseConfig = layerConfig.extend({
  units: z.int().min(1),
  activation: activationSchema.default('linear'),
  useBias: z.boolean().default(true),
  kernelInitializer: initializerSchema.default('glorotUniform'),
  biasInitializer: initializerSchema.default('zeros'),
});

/** Fully connected, `y = activation(x kernel + bias)`. Shapes: x [batch, ..., in] -> [batch, ..., units]. */
export class Dense extends Layer<typeof denseConfig> {
  static override readonly config = denseConfig;
  static override readonly className = 'Dense';
  private kernel!: Variable;
  private bias: Variable | undefined;

  protected override build(shape: Shape): void {
    const { units, useBias, kernelInitializer, biasInitializer } = this.config;
    this.kernel = this.weight('kernel', [lastSize(shape, this.name), units], {
      initializer: kernelInitializer,
    });
    if (useBias) this.bias = this.weight('bias', [units], { initializer: biasInitializer });
  }

  protected override call(x: Tensor): Tensor {
    const y = matMul(x, this.kernel);
    return activation(this.config.activation)(this.bias ? add(y, this.bias) : y);
  }
}

/** A fully connected layer. */
export const dense = factory(Dense);
