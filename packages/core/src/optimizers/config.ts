import { z } from 'zod';

const positive = z.number().positive();

/** Options of every optimizer. At most one kind of clipping. */
export const optimizerConfig = z.strictObject({
  learningRate: positive.default(0.001),
  /** Fraction of each weight that is taken away in each step, times the learning rate. */
  weightDecay: z.number().min(0).optional(),
  /** Each gradient is scaled down to this norm. */
  clipNorm: positive.optional(),
  /** Each element of a gradient is cut to this size. */
  clipValue: positive.optional(),
  /** All gradients together are scaled down to this norm. */
  globalClipNorm: positive.optional(),
});

export type OptimizerConfig = z.output<typeof optimizerConfig>;

const fraction = z.number().min(0).lt(1);
export const rate = fraction;
export const epsilon = z.number().min(0).default(1e-7);
