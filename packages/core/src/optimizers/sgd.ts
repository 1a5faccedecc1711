import { z } from 'zod';
import { add } from '../ops/arithmetic/add.js';
import { mul } from '../ops/arithmetic/mul.js';
import { sub } from '../ops/arithmetic/sub.js';
import { parseOptions } from '../options.js';
import { optimizerConfig, rate } from './config.js';
import { Optimizer, type UpdateContext, type UpdateResult } from './optimizer.js';

export const sgdConfig = optimizerConfig.extend({
  learningRate: z.number().positive().default(0.01),
  momentum: rate.default(0),
  nesterov: z.boolean().default(false),
});

type Config = z.output<typeof sgdConfig>;

/**
 * Gradient descent, `w <- w - rate g`; with momentum `v <- momentum v - rate g, w <- w + v`; with Nesterov's
 * `w <- w + momentum v - rate g`. Source: Sutskever et al. 2013, "On the importance of initialization and momentum".
 */
export class SGD extends Optimizer<Config, 'velocity'> {
  readonly className = 'SGD';
  override readonly elementwise = true;

  constructor(config: z.input<typeof sgdConfig> = {}) {
    super(parseOptions('sgd', sgdConfig, config));
  }

  protected slotNames(): readonly 'velocity'[] {
    return this.config.momentum > 0 ? ['velocity'] : [];
  }

  protected update({
    value,
    gradient,
    learningRate,
    slots,
  }: UpdateContext<'velocity'>): UpdateResult<'velocity'> {
    const { momentum, nesterov } = this.config;
    const step = mul(learningRate, gradient);
    if (momentum === 0) return { value: sub(value, step), slots: slots };
    const velocity = sub(mul(slots.velocity, momentum), step);
    return {
      value: add(value, nesterov ? sub(mul(velocity, momentum), step) : velocity),
      slots: { velocity },
    };
  }
}

/** Gradient descent with optional momentum. */
export const sgd = (config: z.input<typeof sgdConfig> = {}): SGD => new SGD(config);
