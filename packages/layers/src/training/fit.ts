import { GraphError, type HostTensor, type TensorData } from '@tenon/core';
import { Observable } from 'rxjs';
import { z } from 'zod';
import { type Callback, subscribeCallbacks } from '../callbacks/callback.js';
import { HistoryCallback } from '../callbacks/history.js';
import { ProgressBar } from '../callbacks/progress-bar.js';
import { parseConfig } from '../config.js';
import type { Model } from '../model/model.js';
import {
  ArraySource,
  type Batch,
  type BatchSource,
  exampleWeights,
  readInputs,
  readTargets,
  sourceOf,
  type TrainingData,
} from './data.js';
import { evaluateSource } from './evaluate.js';
import type { Logs, TrainingEvent, TrainingParams } from './events.js';

const isData = z.custom<unknown>(() => true);

const fitConfig = z.strictObject({
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
  callbacks: z.union([isData, z.array(isData)]).optional(),
  /** 0 silent, 1 a progress bar, 2 one line for each epoch; `auto` is 1 in a terminal, else 2. */
  verbose: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal('auto')]).default('auto'),
});

/** Options of `fit`. */
export interface FitOptions
  extends Omit<z.input<typeof fitConfig>, 'callbacks' | 'validationData' | 'sampleWeight'> {
  readonly validationData?: readonly [TrainingData, TrainingData] | AsyncIterable<unknown>;
  readonly sampleWeight?: TensorData;
  readonly callbacks?: Callback | readonly Callback[];
}

type Config = Omit<z.output<typeof fitConfig>, 'validationData' | 'sampleWeight'> &
  Pick<FitOptions, 'validationData' | 'sampleWeight'>;

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

type EventBody = TrainingEvent extends infer E
  ? E extends TrainingEvent
    ? Omit<E, 'waitUntil'>
    : never
  : never;

// The loop gives other tasks of the process a turn this often, in milliseconds.
const turnEvery = 50;

const checkCompiled = (model: Model): unknown => model.compiled;

class TrainingLoop {
  private readonly model: Model;
  private readonly emit: (event: TrainingEvent) => void;
  private cancelled = false;
  private lastTurn = performance.now();

  constructor(model: Model, emit: (event: TrainingEvent) => void) {
    this.model = model;
    this.emit = emit;
  }

  cancel(): void {
    this.cancelled = true;
  }

  async run(x: TrainingData, y: TrainingData | undefined, given: FitOptions): Promise<void> {
    const config = parseConfig('fit', fitConfig, given) as Config;
    const { model } = this;
    // Asked for first, so that a model that was not compiled is told before its data is read.
    checkCompiled(model);
    model.stopTraining = false;
    model.buildFrom(x);
    const { training, validation } = sources(model, x, y, config);
    const steps = config.stepsPerEpoch ?? training.steps;
    await this.send({
      type: 'trainBegin',
      params: {
        epochs: config.epochs,
        steps,
        batchSize: training.samples === null ? null : config.batchSize,
        samples: training.samples,
      },
    });
    let logs: Logs = {};
    const batches = new EpochBatches(training, config.stepsPerEpoch);
    for (let epoch = config.initialEpoch; epoch < config.epochs && !this.stopped; epoch++) {
      await this.send({ type: 'epochBegin', epoch });
      const start = performance.now();
      logs = await this.epoch(epoch, batches);
      if (this.cancelled) return;
      if (validation && (epoch + 1) % config.validationFreq === 0) {
        await this.send({ type: 'validationBegin', epoch });
        const found = await evaluateSource(model, validation, config.validationSteps);
        logs = {
          ...logs,
          ...Object.fromEntries(
            Object.entries(found).map(([name, value]) => [`val_${name}`, value]),
          ),
        };
      }
      await this.send({
        type: 'epochEnd',
        epoch,
        logs,
        seconds: (performance.now() - start) / 1000,
      });
    }
    if (!this.cancelled) await this.send({ type: 'trainEnd', logs });
  }

  private get stopped(): boolean {
    return this.cancelled || this.model.stopTraining;
  }

  private async epoch(epoch: number, batches: EpochBatches): Promise<Logs> {
    let logs: Logs = {};
    let batch = 0;
    for await (const data of batches.of(epoch)) {
      const step = this.model.compiled.step('train', data.targets);
      if (batch === 0) await step.reset();
      await this.send({ type: 'batchBegin', epoch, batch });
      if (this.stopped) break;
      logs = await step.run(data);
      await this.send({ type: 'batchEnd', epoch, batch, size: data.size, logs });
      batch++;
      if (this.stopped) break;
    }
    return logs;
  }

  private async send(body: EventBody): Promise<void> {
    if (this.cancelled) return;
    const waits: Promise<unknown>[] = [];
    this.emit({ ...body, waitUntil: (promise) => void waits.push(promise) } as TrainingEvent);
    if (waits.length > 0) await Promise.all(waits);
    if (performance.now() - this.lastTurn < turnEvery) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.lastTurn = performance.now();
  }
}

/** Batches epoch by epoch; with `stepsPerEpoch` an epoch goes on where the one before stopped. */
class EpochBatches {
  private readonly source: BatchSource;
  private readonly steps: number | undefined;
  private open: AsyncIterator<Batch> | Iterator<Batch> | undefined;
  private passes = 0;

  constructor(source: BatchSource, steps: number | undefined) {
    this.source = source;
    this.steps = steps;
  }

  async *of(epoch: number): AsyncIterable<Batch> {
    if (this.steps === undefined) {
      yield* this.source.epoch(epoch);
      return;
    }
    for (let step = 0; step < this.steps; step++) {
      const batch = (await this.next()) ?? (await this.restarted());
      if (!batch) return;
      yield batch;
    }
  }

  private async next(): Promise<Batch | undefined> {
    const result = await this.open?.next();
    return result && !result.done ? result.value : undefined;
  }

  private async restarted(): Promise<Batch | undefined> {
    const pass = this.source.epoch(this.passes++);
    this.open =
      Symbol.asyncIterator in pass ? pass[Symbol.asyncIterator]() : pass[Symbol.iterator]();
    return this.next();
  }
}

function sources(
  model: Model,
  x: TrainingData,
  y: TrainingData | undefined,
  config: Config,
): { training: BatchSource; validation: BatchSource | undefined } {
  const { batchSize, validationSplit, validationData, sampleWeight, classWeight } = config;
  const shuffle = shuffleSeed(config.shuffle);
  const forValidation = {
    batchSize: config.validationBatchSize ?? batchSize,
    shuffle: false,
  } as const;
  if (validationData) {
    const [vx, vy] =
      Symbol.asyncIterator in validationData
        ? [validationData, undefined]
        : (validationData as readonly [TrainingData, TrainingData]);
    return {
      training: sourceOf(model, x, y, { batchSize, shuffle, sampleWeight, classWeight }),
      validation: sourceOf(
        model,
        vx as TrainingData,
        vy as TrainingData | undefined,
        forValidation,
      ),
    };
  }
  if (validationSplit === 0) {
    return {
      training: sourceOf(model, x, y, { batchSize, shuffle, sampleWeight, classWeight }),
      validation: undefined,
    };
  }
  if (y === undefined) {
    throw new GraphError('ATTRIBUTE_INVALID', 'fit', {
      what: 'validationSplit works on arrays only.',
      fix: 'give validationData.',
    });
  }
  const [inputs, targets] = [readInputs(model, x), readTargets(model, y)];
  const weight = exampleWeights(targets, { sampleWeight, classWeight });
  const samples = inputs[0]?.shape[0] ?? 0;
  const cut = Math.floor(samples * (1 - validationSplit));
  if (cut === 0 || cut === samples) {
    throw new GraphError('ATTRIBUTE_INVALID', 'fit', {
      what: `validationSplit ${validationSplit} of ${samples} examples leaves one part empty.`,
    });
  }
  const part = (columns: readonly HostTensor[], from: number, to: number) =>
    columns.map((column) => rows(column, from, to));
  const weightPart = (from: number, to: number) =>
    weight ? { weight: rows(weight, from, to) } : {};
  return {
    training: new ArraySource(part(inputs, 0, cut), part(targets, 0, cut), {
      batchSize,
      shuffle,
      ...weightPart(0, cut),
    }),
    validation: new ArraySource(part(inputs, cut, samples), part(targets, cut, samples), {
      ...forValidation,
      ...weightPart(cut, samples),
    }),
  };
}

const shuffleSeed = (shuffle: boolean | { seed: number }): number | false =>
  typeof shuffle === 'object' ? shuffle.seed : shuffle ? 0 : false;

function rows(column: HostTensor, from: number, to: number): HostTensor {
  const size = column.shape[0] === 0 ? 0 : column.size / (column.shape[0] as number);
  const Host = column.constructor as typeof HostTensor;
  return new Host(
    column.data.subarray(from * size, to * size) as typeof column.data,
    [to - from, ...column.shape.slice(1)],
    column.dtype,
  );
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
