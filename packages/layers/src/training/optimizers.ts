import { Adam, adam, GraphError, Optimizer, RMSprop, rmsprop, SGD, sgd } from '@tenon/core';
import { named } from '../config.js';

/** A name with its defaults, or an optimizer. */
export type OptimizerInput = string | Optimizer;

const table: ReadonlyMap<string, (config?: Record<string, unknown>) => Optimizer> = new Map<
  string,
  (config?: Record<string, unknown>) => Optimizer
>([
  ['sgd', (config) => sgd(config)],
  ['adam', (config) => adam(config)],
  ['rmsprop', (config) => rmsprop(config)],
]);

/** Classes of optimizers, for `new optimizers.Adam(...)` and checks. */
export const optimizerClasses = { SGD, Adam, RMSprop };

/** The optimizer that a name or an object stands for. Errors: NAME_UNKNOWN. */
export function optimizerOf(given: OptimizerInput): Optimizer {
  if (given instanceof Optimizer) return given;
  if (typeof given === 'string') return named(table, given, 'optimizer')();
  throw new GraphError('ATTRIBUTE_INVALID', 'compile', {
    what: 'optimizer is neither a name nor an optimizer.',
    fix: "use 'adam', or adam({ learningRate: 0.01 }).",
  });
}

/** The optimizer of a saved model. Errors: NAME_UNKNOWN. */
export const optimizerFromConfig = (
  className: string,
  config: Record<string, unknown>,
): Optimizer => named(table, className, 'optimizer')(config);
