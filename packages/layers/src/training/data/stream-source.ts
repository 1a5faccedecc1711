import { GraphError, HostTensor, type TensorData } from '@tenon/core';
import { Dataset } from '@tenon/data';
import type { Model } from '../../model/model.js';
import type { Batch, BatchSource, TrainingData } from '../data.js';
import { evaluated, isRecord, readInputs, readTargets } from './columns.js';
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

  // A data set numbers its passes, so that training that is resumed sees the order that it would have seen.
  async *epoch(epoch: number): AsyncIterable<Batch> {
    const pass = this.stream instanceof Dataset ? this.stream.pass(epoch) : this.stream;
    for await (const element of pass) yield await this.batch(element);
  }

  private async batch(element: unknown): Promise<Batch> {
    const record = isRecord(element) ? (element as Readonly<Record<string, unknown>>) : undefined;
    const parts = record ? [record.xs, record.ys, record.weights] : element;
    const { session } = this.model;
    const [x, y, w] = (Array.isArray(parts) ? parts : []) as TrainingData[];
    if (x === undefined || y === undefined) {
      throw new GraphError('FEED_INVALID', 'fit', {
        what: 'an element of the data set is not a batch.',
        fix: 'give elements [x, y] or { xs, ys }, for example dataset.batch(32).',
      });
    }
    const given = await evaluated(session, x);
    this.model.buildFrom(given);
    const inputs = readInputs(this.model, given);
    const size = inputs[0]?.shape[0] ?? 0;
    const targets = readTargets(this.model, await evaluated(session, y));
    const { classWeight } = this;
    const weight = exampleWeights(targets, { sampleWeight: w as TensorData, classWeight });
    const ones = () => new HostTensor(new Float32Array(size).fill(1), [size]);
    return { inputs, targets, weight: weight ?? ones(), size };
  }
}
