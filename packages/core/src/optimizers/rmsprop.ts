import { z } from 'zod';
import { add } from '../ops/arithmetic/add.js';
import { div } from '../ops/arithmetic/div.js';
import { mul } from '../ops/arithmetic/mul.js';
import { sqrt } from '../ops/arithmetic/sqrt.js';
import { square } from '../ops/arithmetic/square.js';
import { sub } from '../ops/arithmetic/sub.js';
import { parseOptions } from '../options.js';
import { epsilon, optimizerConfig, rate } from './config.js';
import { Optimizer, type UpdateContext, type UpdateResult } from './optimizer.js';

export const rmspropConfig = optimizerConfig.extend({
  /** How much of the running mean of squares is kept. */
  rho: rate.default(0.9),
  momentum: rate.default(0),
  epsilon,
  /** Divide by the standard deviation instead of the root mean square. */
  centered: z.boolean().default(false),
});

type Config = z.output<typeof rmspropConfig>;
type Slot = 'velocity' | 'momentum' | 'average';

/**
 * Root mean square propagation: `v <- rho v + (1 - rho) g^2, w <- w - rate g / sqrt(v + epsilon)`; centred, the squared
 * running mean of g is taken from v; with momentum the steps are accumulated. Source: Hinton 2012, lecture 6e; Graves 2013.
 */
export class RMSprop extends Optimizer<Config, Slot> {
  readonly className = 'RMSprop';
  override readonly elementwise = true;

  constructor(config: z.input<typeof rmspropConfig> = {}) {
    super(parseOptions('rmsprop', rmspropConfig, config));
  }

  protected slotNames(): readonly Slot[] {
    const { momentum, centered } = this.config;
    return [
      'velocity',
      ...(momentum > 0 ? (['momentum'] as const) : []),
      ...(centered ? (['average'] as const) : []),
    ];
  }

  protected update({
    value,
    gradient,
    learningRate,
    slots,
  }: UpdateContext<Slot>): UpdateResult<Slot> {
    const { rho, momentum, epsilon, centered } = this.config;
    const velocity = add(mul(slots.velocity, rho), mul(square(gradient), 1 - rho));
    const average = centered ? add(mul(slots.average, rho), mul(gradient, 1 - rho)) : gradient;
    const spread = centered ? sub(velocity, square(average)) : velocity;
    const step = div(mul(learningRate, gradient), sqrt(add(spread, epsilon)));
    const change = momentum > 0 ? add(mul(slots.momentum, momentum), step) : step;
    return { value: sub(value, change), slots: { velocity, momentum: change, average } };
  }
}

/** RMSprop, usual for recurrent nets. */
export const rmsprop = (config: z.input<typeof rmspropConfig> = {}): RMSprop => new RMSprop(config);
