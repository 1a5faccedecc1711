import { z } from 'zod';
import { modelJson } from './config.js';

export const modelFile = 'model.json';
export const weightsFile = 'weights.safetensors';
export const savedFormat = 'tenon-model';

const savedTraining = z.strictObject({
  optimizer: z.strictObject({ className: z.string(), config: z.record(z.string(), z.unknown()) }),
  /** Runs of the session so far: the counter of random numbers. */
  runs: z.int().min(0),
  loss: z.unknown().optional(),
  metrics: z.unknown().optional(),
  weightedMetrics: z.unknown().optional(),
  lossWeights: z.union([z.array(z.number()), z.record(z.string(), z.number())]).optional(),
  stepsPerExecution: z.int().min(1).optional(),
});

/** Contents of model.json. */
export const savedModel = z.strictObject({
  format: z.literal(savedFormat),
  version: z.literal(1),
  model: modelJson,
  training: savedTraining.optional(),
});

export type SavedTraining = z.output<typeof savedTraining>;
export type SavedModel = z.output<typeof savedModel>;
