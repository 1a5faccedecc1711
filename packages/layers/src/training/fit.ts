import { Observable } from 'rxjs';
import { type Callback, subscribeCallbacks } from '../callbacks/callback.js';
import { HistoryCallback } from '../callbacks/history.js';
import { ProgressBar } from '../callbacks/progress-bar.js';
import { parseConfig } from '../config.js';
import type { Model } from '../model/model.js';
import { ArraySource, type Batch, readInputs, readTargets, type TrainingData } from './data.js';
import type { Logs, TrainingEvent, TrainingParams } from './events.js';
import { type FitOptions, fitConfig } from './fit-options.js';
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

// fit(dataset, options) leaves out the targets.
function readArgs(x: TrainingData, y: unknown, options: FitOptions | undefined) {
  const dataset = typeof x === 'object' && x !== null && Symbol.asyncIterator in x;
  const [targets, given] = dataset
    ? [undefined, (options ?? y) as FitOptions | undefined]
    : [y as TrainingData | undefined, options];
  return { targets, given: given ?? {} };
}

/** Trains and resolves with the history; the progress bar and callbacks listen to the same events as everyone else. */
export async function fit(...[model, x, y, options]: Args): Promise<History> {
  const { given } = readArgs(x, y, options);
  const { verbose, callbacks } = parseConfig('fit', fitConfig, given);
  const history = new HistoryCallback();
  const list = [callbacks ?? []].flat() as Callback[];
  const all = [history, ...(verbose === 0 ? [] : [new ProgressBar({ verbose })]), ...list];
  return new Promise((resolve, reject) => {
    subscribeCallbacks(fit$(model, x, y, options), model, all).subscribe({
      error: reject,
      complete: () => resolve(history.result),
    });
  });
}

/** Training as a cold stream of events. */
export function fit$(...[model, x, y, options]: Args): Observable<TrainingEvent> {
  return new Observable((subscriber) => {
    const loop = new TrainingLoop(model, (event) => subscriber.next(event));
    const { targets, given } = readArgs(x, y, options);
    loop.run(x, targets, given).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
    return () => loop.cancel();
  });
}

/** One step on one batch; the logs are those of this batch. */
export async function trainOnBatch(model: Model, x: TrainingData, y: TrainingData): Promise<Logs> {
  model.buildFrom(x);
  const targets = readTargets(model, y);
  const step = model.compiled.step('train', targets);
  await step.reset();
  const source = new ArraySource(readInputs(model, x), targets, {
    batchSize: Number.MAX_SAFE_INTEGER,
    shuffle: false,
  });
  const [batch] = [...source.epoch(0)] as [Batch];
  return step.run(batch);
}
