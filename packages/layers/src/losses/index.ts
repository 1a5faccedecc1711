import type { Tensor } from '@tenon/core';
import { named } from '../config.js';
import { BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy } from './crossentropy.js';
import type { Loss } from './loss.js';
import { MeanAbsoluteError, MeanSquaredError } from './regression.js';

export type { Loss } from './loss.js';

/** A loss of one's own: from targets and outputs to one value for each example. */
export type LossFunction = (target: Tensor, output: Tensor) => Tensor;

/** A name, a loss, or a function. */
export type LossInput = string | Loss | LossFunction;

const rows: readonly [readonly string[], () => Loss][] = [
  [['meanSquaredError', 'mse'], () => new MeanSquaredError()],
  [['meanAbsoluteError', 'mae'], () => new MeanAbsoluteError()],
  [['binaryCrossentropy'], () => new BinaryCrossentropy()],
  [['categoricalCrossentropy'], () => new CategoricalCrossentropy()],
  [['sparseCategoricalCrossentropy'], () => new SparseCategoricalCrossentropy()],
];

const table: ReadonlyMap<string, () => Loss> = new Map(rows.flatMap(([names, make]) => names.map((name) => [name, make] as const)));

/** The loss that a name, an object or a function stands for. Errors: NAME_UNKNOWN. */
export function lossOf(given: LossInput): Loss {
  if (typeof given === 'string') return named(table, given, 'loss')();
  if (typeof given === 'function') return { className: given.name || 'loss', config: {}, call: given };
  return given;
}
