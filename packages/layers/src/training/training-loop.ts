import { GraphError, parseOptions } from '@tenon/core';
import type { Model } from '../model/model.js';
import { noExamples } from './data/array-source.js';
import { evaluated } from './data/columns.js';
import { type BatchSource, isStream, type TrainingData } from './data.js';
import { EpochBatches } from './epoch-batches.js';
import { endlessPass, evaluateSource } from './evaluate.js';
import type { Audience, Logs, TrainingEvent } from './events.js';
import { type FitConfig, type FitOptions, fitConfig } from './fit-options.js';
import type { ResumePoint } from './resume-point.js';
import { trainingSources } from './sources.js';
import type { Around } from './steps/run-pass.js';
import { inSession, type Trainer } from './strategy.js';
import { trainableModel } from './trainable.js';
import { Turns } from './turns.js';

type EventBody = TrainingEvent extends infer E
  ? E extends TrainingEvent
    ? Omit<E, 'waitUntil'>
    : never
  : never;

interface EpochsRun {
  readonly training: BatchSource;
  readonly validation: BatchSource | undefined;
  readonly config: FitConfig;
}

interface EpochOptions {
  readonly epoch: number;
  readonly batches: EpochBatches;
  readonly trainer: Trainer;
  /** Where the epoch goes on. */
  readonly resumed: ResumePoint | undefined;
}

// Two loops of one model would mix their logs and steps.
const running = new WeakMap<Model, TrainingLoop>();

const checkCompiled = (model: Model): unknown => model.compiled;

/** Runs the epochs of `fit` and tells everything that happens. */
export class TrainingLoop {
  private readonly model: Model;
  private readonly audience: Audience;
  private cancelled = false;
  private turns = new Turns();
  private waits: Promise<unknown>[] = [];

  constructor(model: Model, audience: Audience) {
    this.model = model;
    this.audience = audience;
  }

  cancel(): void {
    this.cancelled = true;
    this.leave();
  }

  /** Errors: STATE_INVALID while the model is trained already, ATTRIBUTE_INVALID, FEED_INVALID, FEED_MISSING. */
  async run(x: TrainingData, y: TrainingData | undefined, given: FitOptions): Promise<void> {
    const config = parseOptions('fit', fitConfig, given) as FitConfig;
    // Asked for first, so that a model that was not compiled is told before its data is read.
    checkCompiled(this.model);
    this.enter();
    try {
      await this.train(x, y, config);
    } finally {
      this.leave();
    }
  }

  private enter(): void {
    if (running.has(this.model)) {
      throw new GraphError('STATE_INVALID', this.model.name, {
        what: 'the model is being trained by another fit.',
        fix: 'await it before.',
      });
    }
    running.set(this.model, this);
  }

  private leave(): void {
    if (running.get(this.model) === this) running.delete(this.model);
  }

  private async train(
    given: TrainingData,
    y: TrainingData | undefined,
    config: FitConfig,
  ): Promise<void> {
    const { model } = this;
    const { stepsPerEpoch, initialEpoch, epochs } = config;
    model.stopTraining = false;
    this.turns = new Turns(config.yieldEvery);
    const x = await evaluated(model.session, given);
    const targets = await evaluated(model.session, y);
    const validationData = await evaluated(model.session, config.validationData);
    model.buildFrom(x);
    const found = trainingSources(model, x, targets, { ...config, validationData } as FitConfig);
    const { training, validation } = found;
    if (training.endless && stepsPerEpoch === undefined) throw endlessPass('stepsPerEpoch');
    const steps = stepsPerEpoch ?? training.steps;
    const validationFreq = validation ? config.validationFreq : null;
    const batchSize = isStream(x) ? null : config.batchSize;
    await this.send({
      type: 'trainBegin',
      params: { epochs, steps, batchSize, samples: training.samples, validationFreq },
    });
    const resuming = {
      begin: { epoch: initialEpoch, batches: 0 },
      betweenEpochsOnly: config.strategy !== undefined,
    };
    const run = { training, validation, config };
    let logs: Logs | undefined;
    for (let point = await this.audience.resume?.(resuming); !logs; ) {
      try {
        logs = await this.epochs(run, point);
      } catch (failure) {
        // What failed is told where nobody can go on.
        point = await this.audience.resume?.({ ...resuming, failure });
        if (!point) throw failure;
      }
    }
    await this.send({ type: 'trainEnd', logs });
  }

  /** All epochs, or those from where training goes on; the logs of the last. */
  private async epochs(
    { training, validation, config }: EpochsRun,
    point: ResumePoint | undefined,
  ): Promise<Logs> {
    const { epochs, initialEpoch, stepsPerEpoch: steps, validationFreq } = config;
    const from = point ?? { epoch: initialEpoch, batches: 0 };
    let logs: Logs = point?.logs ?? {};
    const batches = new EpochBatches(training, { steps, initialEpoch, from });
    const trainer = await (config.strategy ?? inSession).begin(trainableModel(this.model));
    try {
      for (let epoch = from.epoch; epoch < epochs && !this.stopped; epoch++) {
        const resumed = point && point.batches > 0 && epoch === point.epoch ? point : undefined;
        await this.send({ type: 'epochBegin', epoch });
        await resumed?.restore();
        const start = performance.now();
        logs = await this.epoch({ epoch, batches, trainer, resumed });
        if (validation && !this.cancelled && (epoch + 1) % validationFreq === 0)
          logs = { ...logs, ...(await this.validate(epoch, validation, config)) };
        const seconds = (performance.now() - start) / 1000;
        await this.send({ type: 'epochEnd', epoch, logs, seconds });
        await this.turns.takeAfterEpoch();
      }
    } finally {
      await trainer.end();
      await batches.close();
    }
    return logs;
  }

  private async validate(epoch: number, source: BatchSource, config: FitConfig): Promise<Logs> {
    await this.send({ type: 'validationBegin', epoch });
    const logs = await evaluateSource(this.model, source, {
      steps: config.validationSteps,
      stopped: () => this.cancelled,
      turns: this.turns,
    });
    return Object.fromEntries(Object.entries(logs).map(([name, value]) => [`val_${name}`, value]));
  }

  private get stopped(): boolean {
    return this.cancelled || this.model.stopTraining;
  }

  private async epoch({ epoch, batches, trainer, resumed }: EpochOptions): Promise<Logs> {
    const { turns } = this;
    const first = resumed?.batches ?? 0;
    const pass = batches.of(epoch);
    try {
      const around = this.around(epoch, trainer);
      const count = await trainer.epoch({ epoch, pass, around, turns, first });
      if (resumed && count === first) return resumed.logs;
      if (count > 0) return trainer.logs();
    } finally {
      await pass.close();
    }
    if (this.stopped) return {};
    throw noExamples(`the data set gave no batch in epoch ${epoch}.`);
  }

  /** Tells of batches, if anyone hears it. */
  private around(epoch: number, trainer: Trainer): Around {
    const { audience } = this;
    const logs = () => trainer.logs();
    return {
      stopped: () => this.stopped,
      ...(audience.hears('batchBegin') && {
        before: (batch) => this.send({ type: 'batchBegin', epoch, batch }),
      }),
      ...(audience.hears('batchEnd') && {
        after: (batch, size) => this.send({ type: 'batchEnd', epoch, batch, size, logs: logs() }),
      }),
      ...(audience.glance && { glance: (batch) => audience.glance?.(batch, logs) }),
    };
  }

  /** Tells of an event; a promise only if someone asks to be waited for. */
  private send(body: EventBody): Promise<unknown> | undefined {
    if (this.cancelled) return;
    this.audience.tell(Object.assign(body, { waitUntil: this.waitUntil }) as TrainingEvent);
    if (this.waits.length > 0) return this.waited();
  }

  private readonly waitUntil = (promise: Promise<unknown>): void => {
    this.waits.push(promise);
  };

  private waited(): Promise<unknown> {
    const { waits } = this;
    this.waits = [];
    return Promise.all(waits);
  }
}
