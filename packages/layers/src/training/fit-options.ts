import type { TensorData } from '@tenon/core';
import { z } from 'zod';
import type { Callback } from '../callbacks/callback.js';
import type { TrainingData } from './data.js';
import type { Strategy } from './strategy.js';

const isData = z.custom<unknown>(() => true);

export const fitConfig = z.strictObject({
  epochs: z.int().min(0).default(1),
  batchSize: z.int().min(1).default(32),
  /** Epoch to begin with, to go on with earlier training. */
  initialEpoch: z.int().min(0).default(0),
  /** Share of the last examples that is kept for validation. */
  validationSplit: z.number().min(0).lt(1).default(0),
  validationData: isData.optional(),
  validationBatchSize: z.int().min(1).optional(),
  validationSteps: z.int().min(1).optional(),
  /** Validate after every so many epochs. */
  validationFreq: z.int().min(1).default(1),
  /** Order of examples: another one each epoch, the same in each run with the same seed. */
  shuffle: z.union([z.boolean(), z.strictObject({ seed: z.int() })]).default(true),
  sampleWeight: isData.optional(),
  classWeight: z.record(z.coerce.number(), z.number()).optional(),
  /** Steps that make an epoch; all batches when left out. */
  stepsPerEpoch: z.int().min(1).optional(),
  /** When other tasks of the process get a turn: `auto`, `batch`, `epoch`, `never`, or every so many milliseconds. */
  yieldEvery: z
    .union([z.enum(['auto', 'batch', 'epoch', 'never']), z.number().min(0)])
    .default('auto'),
  callbacks: z.union([isData, z.array(isData)]).optional(),
  strategy: z
    .custom<Strategy>((given) => typeof (given as Strategy | null)?.begin === 'function', {
      error: 'give a strategy, for example dataParallel(...)',
    })
    .optional(),
  /** 0 silent, 1 a progress bar, 2 one line for each epoch; `auto` is 1 in a terminal, else 2. */
  verbose: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal('auto')]).default('auto'),
});

/** Options of `fit`. */
export interface FitOptions
  extends Omit<
    z.input<typeof fitConfig>,
    'callbacks' | 'validationData' | 'sampleWeight' | 'strategy'
  > {
  /** `[x, y]`, `[x, y, sampleWeight]`, or a data set of batches. */
  readonly validationData?:
    | readonly [TrainingData, TrainingData, TensorData?]
    | AsyncIterable<unknown>;
  readonly sampleWeight?: TensorData;
  readonly callbacks?: Callback | readonly Callback[];
  /** Who runs the steps; the session of the model when left out. */
  readonly strategy?: Strategy;
}

/** Options with their defaults. */
export type FitConfig = Omit<z.output<typeof fitConfig>, 'validationData' | 'sampleWeight'> &
  Pick<FitOptions, 'validationData' | 'sampleWeight'>;
