import { GraphError, type Tensor } from '@tenon/core';
import { named } from '../config.js';
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
} from './crossentropy.js';
import type { Loss } from './loss.js';
import { MeanAbsoluteError, MeanSquaredError } from './regression.js';

export type { Loss } from './loss.js';

/** A loss of one's own: from targets and outputs to one value for each example. */
export type LossFunction = (target: Tensor, output: Tensor) => Tensor;

/** A name, a loss, or a function. */
export type LossInput = string | Loss | LossFunction;

const classes: ReadonlyMap<string, (config: Record<string, unknown>) => Loss> = new Map<
  string,
  (config: Record<string, unknown>) => Loss
>([
  ['MeanSquaredError', () => new MeanSquaredError()],
  ['MeanAbsoluteError', () => new MeanAbsoluteError()],
  ['BinaryCrossentropy', (config) => new BinaryCrossentropy(config)],
  ['CategoricalCrossentropy', (config) => new CategoricalCrossentropy(config)],
  ['SparseCategoricalCrossentropy', (config) => new SparseCategoricalCrossentropy(config)],
]);

const rows: readonly [readonly string[], () => Loss][] = [
  [['meanSquaredError', 'mse'], () => new MeanSquaredError()],
  [['meanAbsoluteError', 'mae'], () => new MeanAbsoluteError()],
  [['binaryCrossentropy'], () => new BinaryCrossentropy()],
  [['categoricalCrossentropy'], () => new CategoricalCrossentropy()],
  [['sparseCategoricalCrossentropy'], () => new SparseCategoricalCrossentropy()],
];

const table: ReadonlyMap<string, () => Loss> = new Map(
  rows.flatMap(([names, make]) => names.map((name) => [name, make] as const)),
);

/** The loss of a saved model. Errors: NAME_UNKNOWN, ATTRIBUTE_INVALID. */
export const lossFromConfig = (className: string, config: Record<string, unknown>): Loss =>
  named(classes, className, 'loss')(config);

/** The loss that a name, an object or a function stands for. Errors: NAME_UNKNOWN, ATTRIBUTE_INVALID. */
export function lossOf(given: LossInput): Loss {
  if (typeof given === 'string') return named(table, given, 'loss')();
  if (typeof given === 'function')
    return { className: given.name || 'loss', config: {}, call: given };
  if (typeof given?.call === 'function') return given;
  throw new GraphError('ATTRIBUTE_INVALID', 'compile', {
    what: 'a loss is neither a name, a loss nor a function.',
    fix: "use 'meanSquaredError' and the like, or a function of targets and outputs.",
  });
}
