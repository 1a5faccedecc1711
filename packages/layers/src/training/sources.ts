import { GraphError, HostTensor } from '@tenon/core';
import type { Model } from '../model/model.js';
import {
  ArraySource,
  type BatchSource,
  exampleWeights,
  readInputs,
  readTargets,
  sourceOf,
  type TrainingData,
} from './data.js';
import type { FitConfig } from './fit-options.js';

/** What `fit` trains on, and what it validates on. Errors: FEED_INVALID, FEED_MISSING, ATTRIBUTE_INVALID. */
export function trainingSources(
  model: Model,
  x: TrainingData,
  y: TrainingData | undefined,
  config: FitConfig,
): { training: BatchSource; validation: BatchSource | undefined } {
  const { batchSize, validationSplit, validationData, sampleWeight, classWeight } = config;
  const shuffle = shuffleSeed(config.shuffle);
  const forValidation = {
    batchSize: config.validationBatchSize ?? batchSize,
    shuffle: false,
  } as const;
  if (validationData) {
    const [vx, vy] =
      Symbol.asyncIterator in validationData
        ? [validationData, undefined]
        : (validationData as readonly [TrainingData, TrainingData]);
    return {
      training: sourceOf(model, x, y, { batchSize, shuffle, sampleWeight, classWeight }),
      validation: sourceOf(
        model,
        vx as TrainingData,
        vy as TrainingData | undefined,
        forValidation,
      ),
    };
  }
  if (validationSplit === 0) {
    return {
      training: sourceOf(model, x, y, { batchSize, shuffle, sampleWeight, classWeight }),
      validation: undefined,
    };
  }
  if (y === undefined) {
    throw new GraphError('ATTRIBUTE_INVALID', 'fit', {
      what: 'validationSplit works on arrays only.',
      fix: 'give validationData.',
    });
  }
  const [inputs, targets] = [readInputs(model, x), readTargets(model, y)];
  const weight = exampleWeights(targets, { sampleWeight, classWeight });
  const samples = inputs[0]?.shape[0] ?? 0;
  const cut = Math.floor(samples * (1 - validationSplit));
  if (cut === 0 || cut === samples) {
    throw new GraphError('ATTRIBUTE_INVALID', 'fit', {
      what: `validationSplit ${validationSplit} of ${samples} examples leaves one part empty.`,
    });
  }
  const part = (columns: readonly HostTensor[], from: number, to: number) =>
    columns.map((column) => rows(column, from, to));
  const weightPart = (from: number, to: number) =>
    weight ? { weight: rows(weight, from, to) } : {};
  return {
    training: new ArraySource(part(inputs, 0, cut), part(targets, 0, cut), {
      batchSize,
      shuffle,
      ...weightPart(0, cut),
    }),
    validation: new ArraySource(part(inputs, cut, samples), part(targets, cut, samples), {
      ...forValidation,
      ...weightPart(cut, samples),
    }),
  };
}

const shuffleSeed = (shuffle: boolean | { seed: number }): number | false =>
  typeof shuffle === 'object' ? shuffle.seed : shuffle ? 0 : false;

function rows(column: HostTensor, from: number, to: number): HostTensor {
  const size = column.shape[0] === 0 ? 0 : column.size / (column.shape[0] as number);
  return new HostTensor(
    column.data.subarray(from * size, to * size) as typeof column.data,
    [to - from, ...column.shape.slice(1)],
    column.dtype,
  );
}
