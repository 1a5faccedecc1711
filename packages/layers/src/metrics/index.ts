import {
  abs,
  argMax,
  cast,
  equal,
  GraphError,
  greater,
  mean,
  square,
  sub,
  type Tensor,
} from '@tenon/core';
import { named } from '../config.js';
import { classNumbers } from '../losses/crossentropy.js';
import type { Loss } from '../losses/loss.js';
import { targetLike } from '../losses/target-like.js';
import { MeanMetric } from './mean-metric.js';
import type { Metric } from './metric.js';

export { MeanMetric } from './mean-metric.js';
export type { Metric, Observation } from './metric.js';

/** A metric of one's own: one value for each example, averaged over the epoch under the function's name. */
export type MetricFunction = (target: Tensor, output: Tensor) => Tensor;

/** A name, a metric, or a function. */
export type MetricInput = string | Metric | MetricFunction;

const overLast = (values: Tensor): Tensor =>
  values.rank > 1 ? mean(values, { axis: -1 }) : values;

/** Share of examples whose largest output is that of the target's largest element. */
export const categoricalAccuracy: MetricFunction = (target, output) =>
  equal(
    argMax(targetLike('categoricalAccuracy', target, output), { axis: -1 }),
    argMax(output, { axis: -1 }),
  );

/** Share of examples whose largest output is at the target's class number. */
export const sparseCategoricalAccuracy: MetricFunction = (target, output) =>
  equal(cast(classNumbers(target, output), { dtype: 'int32' }), argMax(output, { axis: -1 }));

/** Share of outputs on the target's side of 0.5. */
export const binaryAccuracy: MetricFunction = (target, output) =>
  overLast(
    cast(equal(greater(output, 0.5), greater(targetLike('binaryAccuracy', target, output), 0.5)), {
      dtype: 'float32',
    }),
  );

export const meanSquaredErrorMetric: MetricFunction = (target, output) =>
  overLast(square(sub(targetLike('meanSquaredError', target, output), output)));

export const meanAbsoluteErrorMetric: MetricFunction = (target, output) =>
  overLast(abs(sub(targetLike('meanAbsoluteError', target, output), output)));

/** The mean of the outputs themselves. */
export const meanMetric: MetricFunction = (_target, output) => overLast(output);

const rows: readonly [string, string, MetricFunction][] = [
  ['binaryAccuracy', 'BinaryAccuracy', binaryAccuracy],
  ['categoricalAccuracy', 'CategoricalAccuracy', categoricalAccuracy],
  ['sparseCategoricalAccuracy', 'SparseCategoricalAccuracy', sparseCategoricalAccuracy],
  ['meanSquaredError', 'MeanSquaredError', meanSquaredErrorMetric],
  ['mse', 'MeanSquaredError', meanSquaredErrorMetric],
  ['meanAbsoluteError', 'MeanAbsoluteError', meanAbsoluteErrorMetric],
  ['mae', 'MeanAbsoluteError', meanAbsoluteErrorMetric],
  ['mean', 'Mean', meanMetric],
];

const table = new Map(rows.map(([name, className, value]) => [name, { className, value }]));
const accuracyNames = new Set(['accuracy', 'acc']);

/** The metric that a name, an object or a function stands for; `accuracy` is chosen by loss and shapes. Errors: NAME_UNKNOWN. */
export function metricOf(
  given: MetricInput,
  { loss, target, output }: { loss: Loss | undefined; target: Tensor; output: Tensor },
): Metric {
  if (typeof given === 'function') return new MeanMetric(given.name || 'metric', given);
  if (typeof given !== 'string') return given;
  if (accuracyNames.has(given))
    return new MeanMetric(given, accuracyFor(loss, target, output), 'Accuracy');
  const { className, value } = named(table, given, 'metric');
  return new MeanMetric(logName(given), value, className);
}

/** Refuses what no metric can be made of. Errors: NAME_UNKNOWN, ATTRIBUTE_INVALID. */
export function checkMetric(given: MetricInput): void {
  if (typeof given === 'function' || accuracyNames.has(given as string)) return;
  if (typeof given === 'string') named(table, given, 'metric');
  else if (typeof given?.update !== 'function' || typeof given.result !== 'function') {
    throw new GraphError('ATTRIBUTE_INVALID', 'compile', {
      what: 'a metric is neither a name, a metric nor a function.',
      fix: "use names such as 'accuracy', or a function of targets and outputs.",
    });
  }
}

function accuracyFor(loss: Loss | undefined, target: Tensor, output: Tensor): MetricFunction {
  const className = loss?.className;
  if (className === 'SparseCategoricalCrossentropy') return sparseCategoricalAccuracy;
  if (className === 'CategoricalCrossentropy') return categoricalAccuracy;
  const classes = output.shape.at(-1) ?? 1;
  if (className === 'BinaryCrossentropy' || classes === 1) return binaryAccuracy;
  return target.rank < output.rank || target.shape.at(-1) === 1
    ? sparseCategoricalAccuracy
    : categoricalAccuracy;
}

/** Keys of logs are in snake_case, as in Keras: `binary_accuracy`. */
export const logName = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
