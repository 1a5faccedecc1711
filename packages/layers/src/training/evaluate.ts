import { GraphError, parseOptions, type TensorData } from '@tenon/core';
import { z } from 'zod';
import type { Model } from '../model/model.js';
import { noExamples } from './data/array-source.js';
import { evaluated } from './data/columns.js';
import { type BatchSource, readArguments, sourceOf, type TrainingData } from './data.js';
import { limited } from './epoch-batches.js';
import type { Logs } from './events.js';
import { runPass } from './steps/run-pass.js';
import { StepRunner } from './steps/step-runner.js';
import { Turns } from './turns.js';

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
  const { targets, given } = readArguments(x, y, options);
  const { batchSize, steps, sampleWeight } = parseOptions('evaluate', evaluateConfig, given);
  const inputs = await evaluated(model.session, x);
  const wanted = await evaluated(model.session, targets);
  model.buildFrom(inputs);
  const source = sourceOf(model, inputs, wanted, { batchSize, shuffle: false, sampleWeight });
  return evaluateSource(model, source, { steps });
}

interface EvaluateRun {
  readonly steps?: number | undefined;
  /** Asked after each batch. */
  readonly stopped?: () => boolean;
  readonly turns?: Turns;
}

/** Runs the test step over one pass of a source. Errors: ATTRIBUTE_INVALID for a pass that never ends. */
export async function evaluateSource(
  model: Model,
  source: BatchSource,
  { steps, stopped = () => false, turns = new Turns() }: EvaluateRun,
): Promise<Logs> {
  if (source.endless && steps === undefined) throw endlessPass('steps (validationSteps of fit)');
  const runner = new StepRunner((specs) => model.compiled.step('test', specs));
  const whole = source.pass(0);
  const pass = steps === undefined ? whole : limited(whole, steps);
  const around = { stopped };
  const { stepsPerExecution } = model.compiled;
  try {
    const count = await runPass(pass, { runner, stepsPerExecution, around, turns });
    if (count > 0) return runner.logs();
  } finally {
    await pass.close();
  }
  if (stopped()) return {};
  throw noExamples('the data set gave no batch to evaluate.');
}

/** A data set without an end needs a number of steps. */
export const endlessPass = (option: string): GraphError =>
  new GraphError('ATTRIBUTE_INVALID', 'fit', {
    what: 'the data set never ends.',
    fix: `give ${option}, or take(count) of it.`,
  });

/** Loss and metrics of one batch. */
export const testOnBatch = (model: Model, x: TrainingData, y: TrainingData): Promise<Logs> =>
  evaluate(model, x, y, { batchSize: Number.MAX_SAFE_INTEGER });
