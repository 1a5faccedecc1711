import type { TensorData } from '@tenon/core';
import { z } from 'zod';
import { parseConfig } from '../config.js';
import type { Model } from '../model/model.js';
import { type BatchSource, sourceOf, type TrainingData } from './data.js';
import type { Logs } from './events.js';

const evaluateConfig = z.strictObject({
  batchSize: z.int().min(1).default(32),
  /** Batches to look at; all when left out. */
  steps: z.int().min(1).optional(),
  sampleWeight: z.custom<TensorData>(() => true).optional(),
});

/** Options of `evaluate`. */
export type EvaluateOptions = z.input<typeof evaluateConfig>;

/** Loss and metrics over data. Errors: STATE_INVALID before compile, FEED_INVALID. */
export async function evaluate(
  model: Model,
  x: TrainingData,
  y?: TrainingData | EvaluateOptions,
  options?: EvaluateOptions,
): Promise<Logs> {
  const dataset = typeof x === 'object' && x !== null && Symbol.asyncIterator in x;
  const [targets, given] = dataset ? [undefined, options ?? y] : [y as TrainingData, options];
  const { batchSize, steps, sampleWeight } = parseConfig('evaluate', evaluateConfig, given);
  model.buildFrom(x);
  return evaluateSource(
    model,
    sourceOf(model, x, targets, { batchSize, shuffle: false, sampleWeight }),
    steps,
  );
}

/** Runs the test step over one pass of a source. */
export async function evaluateSource(
  model: Model,
  source: BatchSource,
  steps = Number.POSITIVE_INFINITY,
): Promise<Logs> {
  let logs: Logs = {};
  let count = 0;
  for await (const batch of source.epoch(0)) {
    const step = model.compiled.step('test', batch.targets);
    if (count === 0) await step.reset();
    logs = await step.run(batch);
    if (++count >= steps) break;
  }
  return logs;
}

/** Loss and metrics of one batch. */
export const testOnBatch = (model: Model, x: TrainingData, y: TrainingData): Promise<Logs> =>
  evaluate(model, x, y, { batchSize: Number.MAX_SAFE_INTEGER });
