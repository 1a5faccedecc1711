import type { z } from 'zod';
import { add } from '../ops/arithmetic/add.js';
import { div } from '../ops/arithmetic/div.js';
import { mul } from '../ops/arithmetic/mul.js';
import { pow } from '../ops/arithmetic/pow.js';
import { sqrt } from '../ops/arithmetic/sqrt.js';
import { square } from '../ops/arithmetic/square.js';
import { sub } from '../ops/arithmetic/sub.js';
import { parseOptions } from '../options.js';
import { epsilon, optimizerConfig, rate } from './config.js';
import { Optimizer, type UpdateContext, type UpdateResult } from './optimizer.js';

export const adamConfig = optimizerConfig.extend({
  beta1: rate.default(0.9),
  beta2: rate.default(0.999),
  epsilon,
});

type Config = z.output<typeof adamConfig>;
type Slot = 'momentum' | 'velocity';

/**
 * Adaptive moments: `m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2`,
 * `w <- w - rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)`.
 * Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization", the form before section 2.1.
 */
export class Adam extends Optimizer<Config, Slot> {
  readonly className = 'Adam';
  override readonly elementwise = true;

  constructor(config: z.input<typeof adamConfig> = {}) {
    super(parseOptions('adam', adamConfig, config));
  }

  protected slotNames(): readonly Slot[] {
    return ['momentum', 'velocity'];
  }

  protected update({
    value,
    gradient,
    learningRate,
    step,
    slots,
  }: UpdateContext<Slot>): UpdateResult<Slot> {
    const { beta1, beta2, epsilon } = this.config;
    const momentum = add(mul(slots.momentum, beta1), mul(gradient, 1 - beta1));
    const velocity = add(mul(slots.velocity, beta2), mul(square(gradient), 1 - beta2));
    const correction = div(sqrt(sub(1, pow(beta2, step))), sub(1, pow(beta1, step)));
    const change = div(mul(mul(learningRate, correction), momentum), add(sqrt(velocity), epsilon));
    return { value: sub(value, change), slots: { momentum, velocity } };
  }
}

/** Adam, the optimizer to begin with. */
export const adam = (config: z.input<typeof adamConfig> = {}): Adam => new Adam(config);
