import {
  add,
  broadcastLike,
  constant,
  div,
  GraphError,
  type KnownShape,
  mul,
  placeholder,
  sum,
  type Tensor,
  type Variable,
} from '@tenon/core';
import type { CallContext } from '../../layer.js';
import type { Loss } from '../../losses/index.js';
import type { Metric } from '../../metrics/index.js';
import { MeanMetric, weightsLike } from '../../metrics/mean-metric.js';
import type { Model } from '../../model/model.js';
import type { Compiled } from '../compiled.js';
import type { BatchSpecs } from '../data.js';
import { onesFor, type StepParts } from './step-parts.js';
import { type Tracker, tracker } from './tracker.js';

export type StepKind = 'train' | 'test';

export interface StepGraphOptions {
  readonly compiled: Compiled;
  readonly kind: StepKind;
  readonly specs: BatchSpecs;
}

/**
 * The step of a model. Fed are inputs, targets and, where examples have weights, these. Metrics live in variables, so logs are exact means
 * over all examples.
 */
export class StepGraph implements StepParts {
  readonly fed: readonly Tensor[];
  readonly loss: Tensor;
  readonly trained: readonly Variable[];
  readonly kept: ReadonlyMap<Variable, Tensor>;
  readonly trackers: Tracker[] = [];
  private readonly model: Model;
  private readonly compiled: Compiled;
  private readonly kind: StepKind;
  private readonly targets: readonly Tensor[];
  /** Of each example: [batch]. */
  private readonly weight: Tensor;
  private tracked = 0;

  /** Errors: FEED_INVALID for another number of targets than outputs, STATE_INVALID without a loss or a trainable weight. */
  constructor(model: Model, { compiled, kind, specs: { targets, weighted } }: StepGraphOptions) {
    this.model = model;
    this.compiled = compiled;
    this.kind = kind;
    checkTargets(model, targets);
    const inputs = model.inputs.map(({ dtype, shape }, i) =>
      placeholder({ dtype, shape, name: `${model.inputNames[i]}` }),
    );
    this.targets = targets.map(({ dtype, shape }, i) =>
      placeholder({
        dtype,
        shape: [null, ...shape.slice(1)],
        name: `target ${model.outputNames[i]}`,
      }),
    );
    const weight = placeholder({ shape: [null], name: 'sample weight' });
    this.weight = weighted ? weight : onesFor(this.targets[0] as Tensor);
    this.fed = [...inputs, ...this.targets, ...(weighted ? [weight] : [])];
    const training = kind === 'train';
    this.trained = training ? trainableVariables(model) : [];
    const pending = new Map<Variable, Tensor>();
    const context: CallContext = {
      training,
      update: (target, next) => void pending.set(target, next(pending.get(target) ?? target)),
    };
    this.loss = this.totalLoss(model.run(inputs, context));
    this.kept = training ? pending : new Map();
  }

  private totalLoss(outputs: readonly Tensor[]): Tensor {
    const losses = outputs.flatMap((output, i) => this.outputLoss(output, i));
    if (losses.length === 0) {
      throw new GraphError('STATE_INVALID', this.model.name, {
        what: 'no output has a loss.',
        fix: 'compile the model with a loss.',
      });
    }
    const several = losses.length > 1;
    const total = losses
      .map(({ scaled }) => scaled)
      .reduce((sumSoFar, part) => add(sumSoFar, part));
    this.trackers.unshift(this.track('loss', plainMean, this.observation(total)));
    if (several)
      losses.forEach(({ name, mean }, i) =>
        this.trackers.splice(
          1 + i,
          0,
          this.track(`${name}_loss`, plainMean, this.observation(mean)),
        ),
      );
    return total;
  }

  private outputLoss(output: Tensor, i: number): { name: string; mean: Tensor; scaled: Tensor }[] {
    const loss = this.compiled.loss(i);
    const target = this.targets[i] as Tensor;
    const name = this.compiled.outputName(i);
    const prefix = this.model.outputs.length > 1 ? `${name}_` : '';
    const ones = broadcastLike(constant(1), this.weight);
    const batch = { loss, target, output };
    for (const metric of this.compiled.metrics('metrics', i, batch)) {
      this.trackers.push(
        this.track(`${prefix}${metric.name}`, metric, { target, output, weight: ones }),
      );
    }
    for (const metric of this.compiled.metrics('weightedMetrics', i, batch)) {
      this.trackers.push(
        this.track(`${prefix}${metric.name}`, metric, { target, output, weight: this.weight }),
      );
    }
    if (!loss) return [];
    const mean = meanLoss(loss, { target, output, weight: this.weight });
    const factor = this.compiled.lossWeight(i);
    return [{ name, mean, scaled: factor === 1 ? mean : mul(mean, factor) }];
  }

  // The mean of a batch counts as often as the batch has examples.
  private observation(value: Tensor) {
    const repeated = broadcastLike(value, this.weight);
    return { target: repeated, output: repeated, weight: broadcastLike(constant(1), this.weight) };
  }

  private track(
    name: string,
    metric: Metric,
    observation: Parameters<Metric['update']>[1],
  ): Tracker {
    const place = `${this.kind} ${this.tracked++} ${name}`;
    const cell = (key: string, shape: KnownShape) => this.compiled.cell(`${place}/${key}`, shape);
    return tracker({ name, metric, observation, cell });
  }
}

/** The value of each example as it is. */
const plainMean = new MeanMetric('loss', (_target, output) => output);

/** `sum_i w_i l_i / count`: the mean over the batch and the other axes of the loss. */
function meanLoss(
  loss: Loss,
  { target, output, weight }: { target: Tensor; output: Tensor; weight: Tensor },
): Tensor {
  const found = loss.call(target, output);
  // A loss of one's own may be one number for the batch.
  const values = found.rank === 0 ? broadcastLike(found, weight) : found;
  const weights = weightsLike(weight, values);
  return div(sum(mul(values, weights)), sum(broadcastLike(constant(1), values)));
}

/** What training changes by gradients. Errors: STATE_INVALID where there is nothing. */
function trainableVariables(model: Model): readonly Variable[] {
  const variables = model.trainableWeights.map(({ variable: weight }) => weight);
  if (variables.length > 0) return variables;
  throw new GraphError('STATE_INVALID', model.name, {
    what: 'no weight is trainable.',
    fix: 'set trainable of at least one layer, then compile again.',
  });
}

function checkTargets(model: Model, targets: readonly unknown[]): void {
  if (targets.length === model.outputs.length) return;
  throw new GraphError('FEED_INVALID', model.name, {
    what: `${targets.length} targets for ${model.outputs.length} outputs.`,
    fix: `give targets for ${model.outputNames.join(', ')}.`,
  });
}
