import { parseConfig } from '../config.js';
import type { Model } from '../model/model.js';
import type { Batch, BatchSource, TrainingData } from './data.js';
import { evaluateSource } from './evaluate.js';
import type { Logs, TrainingEvent } from './events.js';
import { type FitConfig, type FitOptions, fitConfig } from './fit-options.js';
import { trainingSources } from './sources.js';

type EventBody = TrainingEvent extends infer E
  ? E extends TrainingEvent
    ? Omit<E, 'waitUntil'>
    : never
  : never;

// The loop gives other tasks of the process a turn this often, in milliseconds.
const turnEvery = 50;

const checkCompiled = (model: Model): unknown => model.compiled;

/** Runs the epochs of `fit` and tells everything that happens. */
export class TrainingLoop {
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
    const config = parseConfig('fit', fitConfig, given) as FitConfig;
    const { model } = this;
    // Asked for first, so that a model that was not compiled is told before its data is read.
    checkCompiled(model);
    model.stopTraining = false;
    model.buildFrom(x);
    const { training, validation } = trainingSources(model, x, y, config);
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
