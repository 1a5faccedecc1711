import { parseOptions } from '@tenon/core';
import { Observable } from 'rxjs';
import { audienceOf, type Callback, checkCallback } from '../callbacks/callback.js';
import { HistoryCallback } from '../callbacks/history.js';
import { ProgressBar } from '../callbacks/progress-bar.js';
import type { Model } from '../model/model.js';
import { evaluated } from './data/columns.js';
import { readArguments, sourceOf, type TrainingData } from './data.js';
import type { Logs, TrainingEvent, TrainingParams } from './events.js';
import { type FitOptions, fitConfig } from './fit-options.js';
import { StepRunner } from './steps/step-runner.js';
import { TrainingLoop } from './training-loop.js';

export type { FitOptions } from './fit-options.js';

/** What training gives back. */
export interface History {
  /** Numbers of the epochs that were run. */
  readonly epoch: readonly number[];
  /** Values of each log, one for each epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly params: TrainingParams;
}

type Args = [model: Model, x: TrainingData, y?: TrainingData | FitOptions, options?: FitOptions];

/** Trains and resolves with the history; the progress bar and callbacks hear the events that `fit$` gives. */
export async function fit(...[model, x, y, options]: Args): Promise<History> {
  const { targets, given = {} } = readArguments<FitOptions>(x, y, options);
  const { verbose, callbacks } = parseOptions('fit', fitConfig, given);
  const history = new HistoryCallback();
  const list = [callbacks ?? []].flat() as Callback[];
  for (const callback of list) checkCallback(callback);
  const all = [history, ...(verbose === 0 ? [] : [new ProgressBar({ verbose })]), ...list];
  await new TrainingLoop(model, audienceOf(model, all)).run(x, targets, given);
  return history.result;
}

/** Training as a cold stream of events. */
export function fit$(...[model, x, y, options]: Args): Observable<TrainingEvent> {
  return new Observable((subscriber) => {
    const loop = new TrainingLoop(model, {
      hears: () => true,
      tell: (event) => subscriber.next(event),
    });
    const run = async () => {
      const { targets, given } = readArguments<FitOptions>(x, y, options);
      await loop.run(x, targets, given ?? {});
    };
    run().then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
    return () => loop.cancel();
  });
}

/** One step on one batch; the logs are those of this batch. */
export async function trainOnBatch(model: Model, x: TrainingData, y: TrainingData): Promise<Logs> {
  const inputs = await evaluated(model.session, x);
  model.buildFrom(inputs);
  const all = { batchSize: Number.MAX_SAFE_INTEGER, shuffle: false } as const;
  const pass = sourceOf(model, inputs, await evaluated(model.session, y), all).pass(0);
  const batch = await pass.next();
  if (!batch) return {};
  const runner = new StepRunner((specs) => model.compiled.step('train', specs));
  await runner.reset(batch);
  await runner.run(batch);
  await pass.close();
  return runner.logs();
}
