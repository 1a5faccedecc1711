import { GraphError, type Optimizer, type Session, type Tensor } from '@tenon/core';
import { type Loss, type LossInput, lossOf } from '../losses/index.js';
import { type Metric, type MetricInput, metricOf } from '../metrics/index.js';
import type { Model } from '../model/model.js';
import { type OptimizerInput, optimizerOf } from './optimizers.js';
import { Step } from './step.js';

/** One choice for all outputs, one for each in order, or one for each by name. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

export interface CompileOptions {
  /** A name with its defaults, or an optimizer. */
  readonly optimizer?: OptimizerInput;
  readonly loss?: PerOutput<LossInput>;
  /** Ignore sample weights. */
  readonly metrics?:
    | readonly MetricInput[]
    | Readonly<Record<string, MetricInput | readonly MetricInput[]>>;
  /** Count examples by their sample weights. */
  readonly weightedMetrics?:
    | readonly MetricInput[]
    | Readonly<Record<string, MetricInput | readonly MetricInput[]>>;
  /** Factors of the losses of several outputs. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /** Where to run, instead of the default session. */
  readonly session?: Session;
}

/** What `compile` has chosen, and the steps that were made from it. */
export class Compiled {
  readonly optimizer: Optimizer;
  readonly options: CompileOptions;
  private readonly model: Model;
  private readonly steps = new Map<string, Step>();

  constructor(model: Model, options: CompileOptions) {
    this.model = model;
    this.options = options;
    this.optimizer = optimizerOf(options.optimizer ?? 'rmsprop');
    for (const given of Object.values(asRecord(options.loss))) lossOf(given);
  }

  /** The training or test step for targets like these. Built once for each signature. */
  step(
    kind: 'train' | 'test',
    targets: readonly { dtype: string; shape: readonly unknown[] }[],
  ): Step {
    const key = `${kind} ${targets.map(({ dtype, shape }) => `${dtype}[${shape.slice(1)}]`)}`;
    let step = this.steps.get(key);
    if (!step) {
      step = new Step(this.model, this, kind, targets as never);
      this.steps.set(key, step);
    }
    return step;
  }

  loss(output: number): Loss | undefined {
    const { loss } = this.options;
    if (loss === undefined) return undefined;
    const given = this.forOutput<LossInput>(loss as PerOutput<LossInput>, output, isLoss);
    return given === undefined ? undefined : lossOf(given);
  }

  lossWeight(output: number): number {
    const { lossWeights } = this.options;
    if (lossWeights === undefined) return 1;
    return this.forOutput<number>(lossWeights, output, (value) => typeof value === 'number') ?? 1;
  }

  metrics(
    which: 'metrics' | 'weightedMetrics',
    output: number,
    batch: { loss: Loss; target: Tensor; output: Tensor },
  ): Metric[] {
    const given = this.options[which];
    if (given === undefined) return [];
    const list = Array.isArray(given)
      ? (given as readonly MetricInput[])
      : [
          (given as Readonly<Record<string, MetricInput | readonly MetricInput[]>>)[
            this.outputName(output)
          ] ?? [],
        ].flat();
    return list.map((metric) => metricOf(metric as MetricInput, batch));
  }

  outputName(output: number): string {
    return this.model.outputNames[output] as string;
  }

  private forOutput<T>(
    given: PerOutput<T>,
    output: number,
    single: (value: unknown) => boolean,
  ): T | undefined {
    if (single(given)) return given as T;
    if (Array.isArray(given)) return given[output] as T | undefined;
    const record = given as Readonly<Record<string, T>>;
    const unknown = Object.keys(record).find((name) => !this.model.outputNames.includes(name));
    if (unknown !== undefined) {
      throw new GraphError('NAME_UNKNOWN', 'compile', {
        what: `there is no output ${unknown}.`,
        fix: `outputs: ${this.model.outputNames.join(', ')}.`,
      });
    }
    return record[this.outputName(output)];
  }
}

const isLoss = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'function' ||
  typeof (value as Loss).call === 'function';

function asRecord(loss: CompileOptions['loss']): Readonly<Record<string, LossInput>> {
  if (loss === undefined) return {};
  if (isLoss(loss)) return { loss: loss as LossInput };
  return { ...(loss as Readonly<Record<string, LossInput>>) };
}
