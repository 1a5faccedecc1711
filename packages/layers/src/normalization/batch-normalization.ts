import {
  add,
  axisOf,
  mean,
  mul,
  reshape,
  rsqrt,
  type Shape,
  square,
  sub,
  type Tensor,
  type Variable,
} from '@tenon/core';
import { z } from 'zod';
import { factory } from '../factory.js';
import { initializerSchema } from '../initializers/index.js';
import { type CallContext, Layer, layerConfig } from '../layer.js';
import { sizeAt } from '../shape.js';

const batchNormalizationConfig = layerConfig.extend({
  /** The axis of the features; statistics are taken over all others. */
  axis: z.int().default(-1),
  /** How much of the moving statistics a step keeps. */
  momentum: z.number().min(0).max(1).default(0.99),
  /** Added to the variance, so that features that never change are not divided by 0. */
  epsilon: z.number().min(0).default(1e-3),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
  betaInitializer: initializerSchema.default('zeros'),
  gammaInitializer: initializerSchema.default('ones'),
  movingMeanInitializer: initializerSchema.default('zeros'),
  movingVarianceInitializer: initializerSchema.default('ones'),
});

interface Moments {
  readonly center: Tensor;
  readonly variance: Tensor;
}

/**
 * `y = gamma (x - mean) / sqrt(variance + epsilon) + beta` with the statistics of the batch while training, and with their
 * moving averages, `m <- momentum m + (1 - momentum) batch`, otherwise and while the layer is not trainable. Shapes: x -> x.
 * Errors: SHAPE_UNKNOWN, ATTRIBUTE_INVALID.
 * Source: Ioffe and Szegedy 2015, "Batch normalization".
 */
export class BatchNormalization extends Layer<typeof batchNormalizationConfig> {
  static override readonly config = batchNormalizationConfig;
  static override readonly className = 'BatchNormalization';
  private gamma: Variable | undefined;
  private beta: Variable | undefined;
  private movingMean!: Variable;
  private movingVariance!: Variable;

  protected override build(shape: Shape): void {
    const { center, scale, ...config } = this.config;
    const size = [sizeAt(shape, axisOf(config.axis, shape.length, this.className), this.className)];
    if (scale) this.gamma = this.weight('gamma', size, { initializer: config.gammaInitializer });
    if (center) this.beta = this.weight('beta', size, { initializer: config.betaInitializer });
    const trainable = false;
    const first = { initializer: config.movingMeanInitializer, trainable };
    const second = { initializer: config.movingVarianceInitializer, trainable };
    this.movingMean = this.weight('moving_mean', size, first);
    this.movingVariance = this.weight('moving_variance', size, second);
  }

  protected override call(x: Tensor, context: CallContext): Tensor {
    const { epsilon } = this.config;
    const axis = axisOf(this.config.axis, x.rank, this.className);
    const size = this.movingMean.shape[0] as number;
    const along = (
      v: Tensor, // [1, ..., size, ..., 1]
    ) => reshape(v, { shape: x.shape.map((_, i) => (i === axis ? size : 1)) });
    const learning = context.training && this.trainable;
    const { center, variance } = learning ? this.observed(x, axis, context) : this.moving(along);
    const factor = rsqrt(add(variance, epsilon));
    const y = mul(sub(x, center), this.gamma ? mul(factor, along(this.gamma)) : factor);
    return this.beta ? add(y, along(this.beta)) : y;
  }

  private moving(along: (v: Tensor) => Tensor): Moments {
    return { center: along(this.movingMean), variance: along(this.movingVariance) };
  }

  /** Statistics of the batch, which the moving ones take in at the end of the step. */
  private observed(x: Tensor, axis: number, context: CallContext): Moments {
    const others = { axis: x.shape.flatMap((_, i) => (i === axis ? [] : [i])), keepDims: true };
    const center = mean(x, others);
    const variance = mean(square(sub(x, center)), others);
    this.follow(context, this.movingMean, center);
    this.follow(context, this.movingVariance, variance);
    return { center, variance };
  }

  private follow(context: CallContext, average: Variable, value: Tensor): void {
    const { momentum } = this.config;
    const seen = reshape(value, { shape: [...average.shape] });
    context.update(average, (current) => add(mul(current, momentum), mul(seen, 1 - momentum)));
  }
}

/** A layer that gives each feature mean 0 and variance 1 over the batch. */
export const batchNormalization = factory(BatchNormalization);
