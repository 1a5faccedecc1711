import {
  add,
  any,
  assign,
  type BoundRun,
  broadcastLike,
  type Callable,
  constant,
  div,
  equal,
  GraphError,
  gradients,
  group,
  HostTensor,
  mul,
  placeholder,
  type Session,
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
import type { Logs } from '../events.js';

export type StepKind = 'train' | 'test';

/** A metric together with the variables that hold its state. */
interface Tracker {
  readonly name: string;
  readonly state: readonly Variable[];
  readonly updates: readonly Tensor[];
  readonly result: Tensor;
}

/**
 * One step as one graph: forward, loss and, in training, gradients and updates; metrics in both. Metrics live in variables,
 * so logs are exact means over all examples since `reset`.
 */
export class Step {
  /** Names of the logs in order. */
  readonly names: readonly string[];
  private readonly model: Model;
  private readonly compiled: Compiled;
  private readonly inputs: readonly Tensor[];
  private readonly targets: readonly Tensor[];
  /** Of each example: [batch]. */
  private readonly weight: Tensor;
  private readonly kind: StepKind;
  private readonly trackers: Tracker[] = [];
  private readonly zeros: readonly (readonly [Variable, HostTensor])[];
  private tracked = 0;
  private readonly callable: Callable<readonly Tensor[]>;
  private readonly session: Session;

  constructor(
    model: Model,
    { compiled, kind, specs }: { compiled: Compiled; kind: StepKind; specs: BatchSpecs },
  ) {
    this.model = model;
    this.compiled = compiled;
    this.kind = kind;
    this.session = model.session;
    const { targets, weighted } = specs;
    checkTargets(model, targets);
    this.inputs = model.inputs.map(({ dtype, shape }, i) =>
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
    const training = kind === 'train';
    const pending = new Map<Variable, Tensor>();
    const context: CallContext = {
      training,
      update: (target, next) => void pending.set(target, next(pending.get(target) ?? target)),
    };
    const outputs = model.run(this.inputs, context);
    const loss = this.totalLoss(outputs);
    const updates = training ? [...pending].map(([target, value]) => assign(target, value)) : [];
    if (training) updates.push(this.optimizerStep(loss));
    updates.push(...this.trackers.flatMap((tracker) => tracker.updates));
    this.names = this.trackers.map(({ name }) => name);
    this.zeros = this.trackers.flatMap(({ state }) =>
      state.map((cell) => [cell, new HostTensor(new Float32Array(cell.size), cell.shape)] as const),
    );
    const results = this.trackers.map(({ result }) => result);
    const fed = [...this.inputs, ...this.targets, ...(weighted ? [weight] : [])];
    this.callable = this.session.prepare([...results, group(updates)], fed);
  }

  /** The step for batches of these shapes. */
  bind({ inputs, targets, weighted }: BatchSpecs): BoundRun {
    const shapes = [...inputs, ...targets].map(({ shape }) => shape);
    return this.callable.bind(weighted ? [...shapes, [inputs[0]?.shape[0] ?? 0]] : shapes);
  }

  /** Logs after a run: means since the last reset. */
  logsOf(run: BoundRun): Logs {
    const logs: Record<string, number> = {};
    for (let i = 0; i < this.names.length; i++) {
      const value = run.value(i);
      if (value.length !== 1) throw manyValues(this.names[i] as string, value.length);
      logs[this.names[i] as string] = Number(value[0]);
    }
    return logs;
  }

  /** Starts the means again. */
  reset(): Promise<void> | void {
    if (!this.session.idle) return this.resetLater();
    for (const [cell, zeros] of this.zeros) this.session.writeSync(cell, zeros);
  }

  private async resetLater(): Promise<void> {
    for (const [cell, zeros] of this.zeros) await this.session.write(cell, zeros);
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
    const entries = Object.entries(metric.state).map(
      ([key, shape]) => [key, this.compiled.cell(`${place}/${key}`, shape)] as const,
    );
    const next = metric.update(Object.fromEntries(entries), observation);
    return {
      name,
      state: entries.map(([, cell]) => cell),
      updates: entries.map(([key, cell]) => assign(cell, next[key] as Tensor)),
      result: metric.result(next),
    };
  }

  private optimizerStep(loss: Tensor): Tensor {
    const variables = this.model.trainableWeights.map(({ variable: weight }) => weight);
    if (variables.length === 0) {
      throw new GraphError('STATE_INVALID', this.model.name, {
        what: 'no weight is trainable.',
        fix: 'set trainable of at least one layer, then compile again.',
      });
    }
    return this.compiled.optimizer.apply(gradients(loss, variables), variables);
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

/** A weight of 1 for each example. Shapes: target [batch, ...] -> [batch]. */
function onesFor(target: Tensor): Tensor {
  const inner = target.shape.slice(1).map((_, axis) => axis + 1);
  // Only its shape counts, so nothing of it is computed.
  const column = inner.length === 0 ? target : any(equal(target, target), { axis: inner });
  return broadcastLike(constant(1), column);
}

const manyValues = (name: string, count: number): GraphError =>
  new GraphError('SHAPE_MISMATCH', name, {
    what: `the result of the metric has ${count} elements; a log is one number.`,
    fix: 'reduce it, for example with mean.',
  });

function checkTargets(model: Model, targets: readonly unknown[]): void {
  if (targets.length === model.outputs.length) return;
  throw new GraphError('FEED_INVALID', model.name, {
    what: `${targets.length} targets for ${model.outputs.length} outputs.`,
    fix: `give targets for ${model.outputNames.join(', ')}.`,
  });
}
