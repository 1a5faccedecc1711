import { cast, gather, type Tensor, type Variable } from '@tenon/core';
import { z } from 'zod';
import { factory } from '../factory.js';
import { initializerSchema } from '../initializers/index.js';
import { Layer, layerConfig } from '../layer.js';

const embeddingConfig = layerConfig.extend({
  /** Number of different inputs: they are 0 to inputDim - 1. */
  inputDim: z.int().min(1),
  outputDim: z.int().min(1),
  embeddingsInitializer: initializerSchema.default('randomUniform'),
});

/** A learned row for every whole number, `y = embeddings[x]`. Shapes: x [batch, ...] -> [batch, ..., outputDim]. */
export class Embedding extends Layer<typeof embeddingConfig> {
  static override readonly config = embeddingConfig;
  static override readonly className = 'Embedding';
  private embeddings!: Variable;

  override get inputDType(): 'int32' {
    return 'int32';
  }

  protected override build(): void {
    const { inputDim, outputDim, embeddingsInitializer: initializer } = this.config;
    this.embeddings = this.weight('embeddings', [inputDim, outputDim], { initializer });
  }

  protected override call(x: Tensor): Tensor {
    return gather(this.embeddings, cast(x, { dtype: 'int32' }));
  }
}

/** A layer that turns whole numbers into learned vectors. */
export const embedding = factory(Embedding);
