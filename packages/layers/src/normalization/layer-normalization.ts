import {
  add,
  axesOf,
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
import { Layer, layerConfig } from '../layer.js';
import { sizeAt } from '../shape.js';

const layerNormalizationConfig = layerConfig.extend({
  /** The axes that are normalised together, each example by itself. */
  axis: z.union([z.int(), z.array(z.int()).min(1)]).default(-1),
  /** Added to the variance, so that constant examples are not divided by 0. */
  epsilon: z.number().min(0).default(1e-3),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
  betaInitializer: initializerSchema.default('zeros'),
  gammaInitializer: initializerSchema.default('ones'),
});

/**
 * `y = gamma (x - mean) / sqrt(variance + epsilon) + beta`, mean and variance over `axis` of each example. Shapes: x -> x.
 * Errors: SHAPE_UNKNOWN, ATTRIBUTE_INVALID.
 * Source: Ba, Kiros and Hinton 2016, "Layer normalization".
 */
export class LayerNormalization extends Layer<typeof layerNormalizationConfig> {
  static override readonly config = layerNormalizationConfig;
  static override readonly className = 'LayerNormalization';
  private gamma: Variable | undefined;
  private beta: Variable | undefined;

  protected override build(shape: Shape): void {
    const { center, scale, gammaInitializer, betaInitializer } = this.config;
    const sizes = this.axesIn(shape).map((axis) => sizeAt(shape, axis, this.className));
    if (scale) this.gamma = this.weight('gamma', sizes, { initializer: gammaInitializer });
    if (center) this.beta = this.weight('beta', sizes, { initializer: betaInitializer });
  }

  protected override call(x: Tensor): Tensor {
    const axes = this.axesIn(x.shape);
    const own = { axis: axes, keepDims: true };
    const centered = sub(x, mean(x, own));
    const factor = rsqrt(add(mean(square(centered), own), this.config.epsilon));
    const along = (v: Variable) =>
      reshape(v, { shape: x.shape.map((_, i) => v.shape[axes.indexOf(i)] ?? 1) });
    const scaled = mul(centered, factor);
    const y = this.gamma ? mul(scaled, along(this.gamma)) : scaled;
    return this.beta ? add(y, along(this.beta)) : y;
  }

  private axesIn(shape: Shape): number[] {
    return axesOf(this.config.axis, shape.length, this.className);
  }
}

/** A layer that gives each example mean 0 and variance 1. */
export const layerNormalization = factory(LayerNormalization);
