import {
  type BoundRun,
  GraphError,
  type HostTensor,
  type KnownSpec,
  type Tensor,
  type TensorData,
} from '@tenon/core';
import type { Model } from '../model/model.js';
import { ArraySource } from './data/array-source.js';
import { readInputs, readTargets } from './data/columns.js';
import { StreamSource } from './data/stream-source.js';
import { exampleWeights, type WeightOptions } from './data/weights.js';

type Column = TensorData | Tensor;

/** Data of one input, of several in order or by name, or an iterable of batches. */
export type TrainingData =
  | Column
  | readonly Column[]
  | Readonly<Record<string, Column>>
  | AsyncIterable<unknown>;

/** Dtypes and shapes of a batch; one object for all batches alike, so that they are told apart at once. */
export interface BatchSpecs {
  readonly inputs: readonly KnownSpec[];
  readonly targets: readonly KnownSpec[];
  /** Whether a weight for each example comes last. */
  readonly weighted: boolean;
}

/** One batch as a step takes it; good until the next one is asked for. */
export interface Batch {
  readonly specs: BatchSpecs;
  /** Number of examples. */
  readonly size: number;
  /** Copies inputs, targets and weights to where a run reads them. */
  write(run: BoundRun): void;
  /** Copies of inputs, targets and weights, to be kept; in the dtypes of the data. */
  values(): readonly HostTensor[];
}

/** The batches of one epoch. */
export interface Pass {
  /** The next batch, undefined at the end and ever after; a promise only where data must be waited for. */
  next(): Batch | undefined | Promise<Batch | undefined>;
  /** Lets the source go, files and all. */
  close(): void | Promise<void>;
}

/** Batches of one epoch after another. */
export interface BatchSource {
  /** Steps of an epoch, null if unknown. */
  readonly steps: number | null;
  readonly samples: number | null;
  /** A pass never ends. */
  readonly endless: boolean;
  pass(epoch: number): Pass;
}

/** Whether the data is read batch by batch. */
export const isStream = (data: unknown): data is AsyncIterable<unknown> =>
  typeof data === 'object' && data !== null && Symbol.asyncIterator in data;

/** Arguments of `fit` and `evaluate`: for a data set, options follow it and there are no targets. Errors: ATTRIBUTE_INVALID. */
export function readArguments<O>(
  x: TrainingData,
  y: unknown,
  options: O | undefined,
): { targets: TrainingData | undefined; given: O | undefined } {
  if (!isStream(x)) return { targets: y as TrainingData | undefined, given: options };
  if (y === undefined || y === null || options === undefined)
    return { targets: undefined, given: options ?? (y as O | undefined) };
  throw new GraphError('ATTRIBUTE_INVALID', 'fit', {
    what: 'a data set holds its targets; others were given too.',
    fix: 'call fit(dataset, options).',
  });
}

/** Reads what `fit` and `evaluate` take. Errors: FEED_INVALID, FEED_MISSING, ATTRIBUTE_INVALID. */
export function sourceOf(
  model: Model,
  x: TrainingData,
  y: TrainingData | undefined,
  options: { batchSize: number; shuffle: number | false } & WeightOptions,
): BatchSource {
  if (isStream(x)) {
    if (options.sampleWeight === undefined) return new StreamSource(model, x, options.classWeight);
    throw new GraphError('ATTRIBUTE_INVALID', 'sampleWeight', {
      what: 'the data is a data set, which holds its weights.',
      fix: 'give elements [x, y, weight].',
    });
  }
  if (y === undefined) {
    throw new GraphError('FEED_MISSING', model.name, {
      what: 'there are no targets.',
      fix: 'call fit(x, y), or fit(dataset) with elements [x, y].',
    });
  }
  const targets = readTargets(model, y);
  return new ArraySource(readInputs(model, x), targets, {
    ...options,
    weight: exampleWeights(targets, options),
  });
}
