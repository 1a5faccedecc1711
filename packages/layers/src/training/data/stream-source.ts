import { GraphError, type TensorData } from '@tenon/core';
import { Dataset } from '@tenon/data';
import type { Model } from '../../model/model.js';
import type { BatchSource, Pass, TrainingData } from '../data.js';
import { evaluated, isRecord, readInputs, readTargets } from './columns.js';
import type { Examples } from './host-batch.js';
import { StreamPass } from './stream-pass.js';
import { exampleWeights, type WeightOptions } from './weights.js';

type ClassWeight = WeightOptions['classWeight'];

/** A data set of batches: elements `[x, y]`, `[x, y, weight]` or `{ xs, ys, weights }`. */
export class StreamSource implements BatchSource {
  readonly steps: number | null;
  readonly samples = null;
  readonly endless: boolean;
  private readonly stream: AsyncIterable<unknown>;
  private readonly model: Model;
  private readonly classWeight: ClassWeight;

  constructor(model: Model, stream: AsyncIterable<unknown>, classWeight: ClassWeight) {
    this.model = model;
    this.stream = stream;
    this.classWeight = classWeight;
    const { size } = stream as { size?: unknown };
    this.steps = typeof size === 'number' && Number.isFinite(size) ? size : null;
    this.endless = size === Number.POSITIVE_INFINITY;
  }

  pass(epoch: number): Pass {
    const { model, classWeight } = this;
    return new StreamPass(elementsOf(this.stream, epoch), (element) =>
      readElement(element, { model, classWeight }),
    );
  }
}

/** A data set numbers its passes, so that training that is resumed sees the order that it would have seen. */
export function elementsOf(
  stream: AsyncIterable<unknown> | Iterable<unknown>,
  epoch: number,
): AsyncIterator<unknown> {
  const elements = stream instanceof Dataset ? stream.pass(epoch) : stream;
  return Symbol.asyncIterator in elements ? elements[Symbol.asyncIterator]() : each(elements);
}

async function* each(stream: Iterable<unknown>) {
  yield* stream;
}

interface ReadOptions {
  readonly model: Model;
  readonly classWeight: ClassWeight;
}

async function readElement(
  element: unknown,
  { model, classWeight }: ReadOptions,
): Promise<Examples> {
  const record = isRecord(element) ? (element as Readonly<Record<string, unknown>>) : undefined;
  const parts = record ? [record.xs, record.ys, record.weights] : element;
  const [x, y, w] = (Array.isArray(parts) ? parts : []) as TrainingData[];
  if (x === undefined || y === undefined) {
    throw new GraphError('FEED_INVALID', 'fit', {
      what: 'an element of the data set is not a batch.',
      fix: 'give elements [x, y] or { xs, ys }, for example dataset.batch(32).',
    });
  }
  const given = await evaluated(model.session, x);
  model.buildFrom(given);
  const inputs = readInputs(model, given);
  const targets = readTargets(model, await evaluated(model.session, y));
  const weight = exampleWeights(targets, { sampleWeight: w as TensorData, classWeight });
  return { inputs, targets, weight };
}
