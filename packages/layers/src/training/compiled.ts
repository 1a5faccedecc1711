import {
  broadcastTo,
  constant,
  GraphError,
  type KnownShape,
  type Optimizer,
  parseOptions,
  type Session,
  type Tensor,
  type Variable,
  variable,
} from '@tenon/core';
import { z } from 'zod';
import { isModelStrategy, type ModelStrategy } from '../distribution/model-strategy.js';
import { type Loss, type LossInput, lossOf } from '../losses/index.js';
import { checkMetric, type Metric, type MetricInput, metricOf } from '../metrics/index.js';
import type { Model } from '../model/model.js';
import type { BatchSpecs } from './data.js';
import { type OptimizerInput, optimizerOf } from './optimizers.js';
import { Step } from './steps/step.js';
import { StepGraph, type StepKind } from './steps/step-graph.js';

/** One choice for all outputs, one for each in order, or one for each by name. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

/** Metrics of every output; as a list of lists, of each output in order; or of each by name. */
export type MetricsInput =
  | string
  | readonly MetricInput[]
  | readonly (readonly MetricInput[])[]
  | Readonly<Record<string, MetricInput | readonly MetricInput[]>>;

export interface CompileOptions {
  /** A name with its defaults, or an optimizer. */
  readonly optimizer?: OptimizerInput;
  readonly loss?: PerOutput<LossInput>;
  /** Ignore sample weights. */
  readonly metrics?: MetricsInput;
  /** Count examples by their sample weights. */
  readonly weightedMetrics?: MetricsInput;
  /** Factors of the losses of several outputs. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /**
   * Steps between one `batchBegin` and `batchEnd`: callbacks and events cost less, and hear of the last of them; 1 by default.
   * An epoch ends with fewer where its steps are no multiple.
   */
  readonly stepsPerExecution?: number;
  /** Where to run, instead of the default session. */
  readonly session?: Session;
  /** Where layers compute and weights lie, such as `modelParallel(...)`. */
  readonly strategy?: ModelStrategy;
}

const given = z.custom<unknown>(() => true).optional();

/** Each option is read where it is used; here misspelt ones are found. */
const compileConfig = z.strictObject({
  optimizer: given,
  loss: given,
  metrics: given,
  weightedMetrics: given,
  lossWeights: given,
  stepsPerExecution: z.int().min(1).default(1),
  session: given,
  strategy: given,
} satisfies Record<keyof CompileOptions, z.ZodType>);

/** What `compile` has chosen, and the steps that were made from it. */
export class Compiled {
  readonly optimizer: Optimizer;
  readonly options: CompileOptions;
  readonly stepsPerExecution: number;
  private readonly model: Model;
  private strategy: ModelStrategy | undefined;
  private readonly steps = new Map<string, Step>();
  private readonly cells = new Map<string, Variable>();

  constructor(model: Model, options: CompileOptions) {
    this.model = model;
    this.options = options;
    this.stepsPerExecution = parseOptions('compile', compileConfig, options).stepsPerExecution;
    this.optimizer = optimizerOf(options.optimizer ?? 'rmsprop');
    for (const loss of Object.values(asRecord(options.loss))) lossOf(loss);
    for (const list of [options.metrics, options.weightedMetrics])
      for (const metric of metricsIn(list)) checkMetric(metric);
    if (model.isBuilt) this.checkOutputs();
    if (options.strategy) this.use(options.strategy);
  }

  /** The training or test step for batches like these. Built once for each signature. */
  step(kind: StepKind, specs: BatchSpecs): Step {
    const targets = specs.targets.map(({ dtype, shape }) => `${dtype}[${shape.slice(1)}]`);
    const key = `${kind} ${targets} ${specs.weighted}`;
    let step = this.steps.get(key);
    if (!step) {
      const parts = new StepGraph(this.model, { compiled: this, kind, specs });
      step = new Step(this.model.session, { parts, optimizer: this.optimizer });
      this.steps.set(key, step);
    }
    return step;
  }

  /** Forgets the steps of a graph or session that the model no longer has, and places what it has now. */
  renew(): void {
    this.steps.clear();
    if (this.strategy && this.model.isBuilt) this.strategy.place(this.model);
  }

  /** Lets a strategy say where the model's parts are: now, or when it is built. Errors: ATTRIBUTE_INVALID and those of the strategy. */
  use(strategy: ModelStrategy): void {
    if (!isModelStrategy(strategy)) {
      throw new GraphError('ATTRIBUTE_INVALID', 'compile', {
        what: 'strategy does not say where the parts of a model are.',
        fix: 'give one that does: modelParallel({ ... }).',
      });
    }
    this.strategy = strategy;
    this.renew();
  }

  /** State of a metric, zero at first: the same for all targets of an epoch, whatever their shapes. */
  cell(name: string, shape: KnownShape): Variable {
    let cell = this.cells.get(name);
    if (!cell) {
      cell = variable(broadcastTo(constant(0), { shape: [...shape] }), { name, trainable: false });
      this.cells.set(name, cell);
    }
    return cell;
  }

  /** State of all metrics so far, by name. */
  get metricState(): ReadonlyMap<string, Variable> {
    return this.cells;
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
    batch: { loss: Loss | undefined; target: Tensor; output: Tensor },
  ): Metric[] {
    return this.metricsOf(this.options[which], output).map((metric) => metricOf(metric, batch));
  }

  private metricsOf(list: MetricsInput | undefined, output: number): readonly MetricInput[] {
    if (list === undefined) return [];
    if (typeof list === 'string') return [list];
    if (isList(list) && !list.some(isList)) return list as readonly MetricInput[];
    const own = this.forOutput<MetricInput | readonly MetricInput[]>(list as never, output, never);
    return [own ?? []].flat() as MetricInput[];
  }

  /** Looks for choices of outputs that the model does not have. Errors: NAME_UNKNOWN, ATTRIBUTE_INVALID. */
  checkOutputs(): void {
    this.loss(0);
    this.lossWeight(0);
    this.metricsOf(this.options.metrics, 0);
    this.metricsOf(this.options.weightedMetrics, 0);
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
    const { outputNames } = this.model;
    if (isList(given)) {
      if (given.length === outputNames.length) return given[output] as T | undefined;
      throw new GraphError('ATTRIBUTE_INVALID', 'compile', {
        what: `a list of ${given.length} for ${outputNames.length} outputs.`,
        fix: `give one for each of ${outputNames.join(', ')}, or a record by these names.`,
      });
    }
    const record = given as Readonly<Record<string, T>>;
    const unknown = Object.keys(record).find((name) => !outputNames.includes(name));
    if (unknown !== undefined) {
      throw new GraphError('NAME_UNKNOWN', 'compile', {
        what: `there is no output ${unknown}.`,
        fix: `outputs: ${outputNames.join(', ')}.`,
      });
    }
    return record[this.outputName(output)];
  }
}

const isLoss = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'function' ||
  typeof (value as Loss | null)?.call === 'function';

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const never = () => false;

const metricsIn = (list: MetricsInput | undefined): readonly MetricInput[] =>
  typeof list === 'object' ? (Object.values(list).flat() as MetricInput[]) : list ? [list] : [];

function asRecord(loss: CompileOptions['loss']): Readonly<Record<string, LossInput>> {
  if (loss === undefined) return {};
  if (isLoss(loss)) return { loss: loss as LossInput };
  return { ...(loss as Readonly<Record<string, LossInput>>) };
}
