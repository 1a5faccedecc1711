import {
  type Callable,
  dtypes,
  HostTensor,
  parseOptions,
  placeholder,
  type Session,
  type Tensor,
  type TypedArray,
} from '@tenon/core';
import { batches } from '@tenon/data';
import { z } from 'zod';
import type { CallContext } from '../layer.js';
import type { Model } from '../model/model.js';
import { noExamples } from './data/array-source.js';
import { isRecord, readInputs } from './data/columns.js';
import { isStream, type TrainingData } from './data.js';
import { endlessPass } from './evaluate.js';
import { Turns } from './turns.js';

const predictConfig = z.strictObject({
  /** Examples that are computed at once. */
  batchSize: z.int().min(1).default(32),
});

/** Options of `predict`. */
export type PredictOptions = z.input<typeof predictConfig>;

const inference: CallContext = { training: false, update: () => {} };

/** The inference graph of a model, prepared once. */
export class Predictor {
  readonly session: Session;
  private readonly model: Model;
  private readonly callable: Callable<readonly Tensor[]>;

  constructor(model: Model) {
    this.model = model;
    this.session = model.session;
    const inputs = model.inputs.map(({ dtype, shape }, i) =>
      placeholder({ dtype, shape, name: model.inputNames[i] as string }),
    );
    this.callable = model.session.prepare(model.run(inputs, inference), inputs);
  }

  /** Outputs for all rows, computed in batches. Errors: FEED_INVALID, FEED_MISSING, ATTRIBUTE_INVALID. */
  async run(x: TrainingData, options: PredictOptions): Promise<HostTensor[]> {
    const { batchSize } = parseOptions('predict', predictConfig, options);
    const parts: HostTensor[][] = [];
    const turns = new Turns();
    for await (const rows of isStream(x) ? this.read(x) : this.cut(x, batchSize)) {
      parts.push([...(await this.callable(...rows))]);
      await turns.take();
    }
    const [first, ...more] = parts;
    if (!first) throw noExamples('the data set gave no batch to predict.');
    if (more.length === 0) return first;
    return first.map((_, output) => joined(parts.map((part) => part[output] as HostTensor)));
  }

  private cut(x: TrainingData, batchSize: number): Iterable<readonly HostTensor[]> {
    const inputs = readInputs(this.model, x);
    if ((inputs[0]?.shape[0] ?? 0) <= batchSize) return [inputs];
    return batches(inputs, { batchSize, shuffle: false });
  }

  /** Inputs of each element: the whole of it, or what `fit` would take for inputs. */
  private async *read(stream: AsyncIterable<unknown>): AsyncIterable<readonly HostTensor[]> {
    if ((stream as { size?: unknown }).size === Number.POSITIVE_INFINITY)
      throw endlessPass('a data set that ends');
    for await (const element of stream) {
      const whole = isRecord(element) && 'xs' in element ? element.xs : element;
      yield readInputs(this.model, (Array.isArray(whole) ? whole[0] : whole) as TrainingData);
    }
  }
}

/** Rows of several tensors in one. */
function joined(parts: readonly HostTensor[]): HostTensor {
  const [{ dtype, shape }] = parts as [HostTensor];
  const data = new dtypes[dtype].host(
    parts.reduce((size, part) => size + part.size, 0),
  ) as TypedArray;
  let [offset, rows] = [0, 0];
  for (const part of parts) {
    (data as Float32Array).set(part.data as Float32Array, offset);
    offset += part.size;
    rows += part.shape[0] as number;
  }
  return new HostTensor(data, [rows, ...shape.slice(1)], dtype);
}
