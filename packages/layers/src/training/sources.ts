import { GraphError, HostTensor } from '@tenon/core';
import type { Model } from '../model/model.js';
import { ArraySource } from './data/array-source.js';
import { readInputs, readTargets } from './data/columns.js';
import { exampleWeights } from './data/weights.js';
import { type BatchSource, isStream, sourceOf, type TrainingData } from './data.js';
import type { FitConfig } from './fit-options.js';

/** What `fit` trains on, and what it validates on. Errors: FEED_INVALID, FEED_MISSING, ATTRIBUTE_INVALID. */
export function trainingSources(
  model: Model,
  x: TrainingData,
  y: TrainingData | undefined,
  config: FitConfig,
): { training: BatchSource; validation: BatchSource | undefined } {
  const { batchSize, validationSplit, validationData, sampleWeight, classWeight } = config;
  const shuffle = shuffleSeed(config.shuffle, model.session.seed);
  const forValidation = {
    batchSize: config.validationBatchSize ?? batchSize,
    shuffle: false,
  } as const;
  if (validationData) {
    const [vx, vy, weight] = isStream(validationData)
      ? [validationData, undefined, undefined]
      : validationData;
    return {
      training: sourceOf(model, x, y, { batchSize, shuffle, sampleWeight, classWeight }),
      validation: sourceOf(model, vx as TrainingData, vy as TrainingData | undefined, {
        ...forValidation,
        sampleWeight: weight,
      }),
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
  // Weights of classes are for learning; validation measures all classes alike.
  const weight = exampleWeights(targets, { sampleWeight, classWeight });
  const unclassed = exampleWeights(targets, { sampleWeight });
  const samples = inputs[0]?.shape[0] ?? 0;
  const cut = Math.floor(samples * (1 - validationSplit));
  if (cut === 0 || cut === samples) {
    throw new GraphError('ATTRIBUTE_INVALID', 'fit', {
      what: `validationSplit ${validationSplit} of ${samples} examples leaves one part empty.`,
    });
  }
  const part = (columns: readonly HostTensor[], from: number, to: number) =>
    columns.map((column) => rows(column, from, to));
  const weightPart = (of: HostTensor | undefined, from: number, to: number) =>
    of ? { weight: rows(of, from, to) } : {};
  return {
    training: new ArraySource(part(inputs, 0, cut), part(targets, 0, cut), {
      batchSize,
      shuffle,
      ...weightPart(weight, 0, cut),
    }),
    validation: new ArraySource(part(inputs, cut, samples), part(targets, cut, samples), {
      ...forValidation,
      ...weightPart(unclassed, cut, samples),
    }),
  };
}

const shuffleSeed = (shuffle: boolean | { seed: number }, seed: number): number | false =>
  typeof shuffle === 'object' ? shuffle.seed : shuffle ? seed : false;

function rows(column: HostTensor, from: number, to: number): HostTensor {
  const size = column.shape[0] === 0 ? 0 : column.size / (column.shape[0] as number);
  return new HostTensor(
    column.data.subarray(from * size, to * size) as typeof column.data,
    [to - from, ...column.shape.slice(1)],
    column.dtype,
  );
}
