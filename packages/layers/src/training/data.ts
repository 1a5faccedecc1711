import {
  GraphError,
  HostTensor,
  hostTensor,
  type Shape,
  type Tensor,
  type TensorData,
} from '@tenon/core';
import { batches } from '@tenon/data';
import type { Model } from '../model/model.js';

/** Data of one input, of several in order or by name, or an iterable of batches. */
export type TrainingData =
  | TensorData
  | readonly TensorData[]
  | Readonly<Record<string, TensorData>>
  | AsyncIterable<unknown>;

/** One batch as a step takes it. */
export interface Batch {
  readonly inputs: readonly HostTensor[];
  readonly targets: readonly HostTensor[];
  readonly weight: HostTensor;
  readonly size: number;
}

/** Batches of one epoch after another. */
export interface BatchSource {
  /** Steps of an epoch, null if unknown. */
  readonly steps: number | null;
  readonly samples: number | null;
  epoch(epoch: number): Iterable<Batch> | AsyncIterable<Batch>;
}

export interface WeightOptions {
  readonly sampleWeight?: TensorData | undefined;
  /** Weight of the examples of each class number. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined;
}

const isStream = (data: unknown): data is AsyncIterable<unknown> =>
  typeof data === 'object' && data !== null && Symbol.asyncIterator in data;

const isRecord = (data: unknown): data is Readonly<Record<string, TensorData>> =>
  typeof data === 'object' &&
  data !== null &&
  !Array.isArray(data) &&
  !ArrayBuffer.isView(data) &&
  !(data instanceof HostTensor);

/** Data of a model's inputs in order, in the dtypes that it takes. Errors: FEED_INVALID. */
export const readInputs = (model: Model, x: TrainingData): HostTensor[] =>
  readColumns(x, { names: model.inputNames, where: `${model.name} inputs` }).map((column, i) =>
    fitted(column, model.inputs[i] as Tensor, model.inputNames[i] as string),
  );

/** Targets in order, in their own dtypes. */
export const readTargets = (model: Model, y: TrainingData): HostTensor[] =>
  readColumns(y, { names: model.outputNames, where: `${model.name} targets` });

function readColumns(
  data: TrainingData,
  { names, where }: { names: readonly string[]; where: string },
): HostTensor[] {
  const read = (value: TensorData, name: string) => hostTensor(value, { where: name });
  if (isRecord(data)) {
    return names.map((name) => {
      const value = data[name];
      if (value === undefined) {
        throw new GraphError('FEED_MISSING', where, {
          what: `there is no data for ${name}.`,
          fix: `give ${names.join(', ')}.`,
        });
      }
      return read(value, name);
    });
  }
  if (names.length === 1) {
    const alone =
      Array.isArray(data) &&
      data.length === 1 &&
      (data[0] instanceof HostTensor || ArrayBuffer.isView(data[0]));
    return [read((alone ? data[0] : data) as TensorData, names[0] as string)];
  }
  if (!Array.isArray(data) || data.length !== names.length) {
    throw new GraphError('FEED_INVALID', where, {
      what: `${names.length} arrays are needed: ${names.join(', ')}.`,
      fix: 'give them as a list in this order, or as a record.',
    });
  }
  return names.map((name, i) => read(data[i] as TensorData, name));
}

// The batch axis may be missing in the model's shape only; flat examples are given the input's shape.
function fitted(
  column: HostTensor,
  { shape, dtype }: { shape: Shape; dtype: Tensor['dtype'] },
  name: string,
): HostTensor {
  const agrees =
    column.shape.length === shape.length &&
    column.shape.every((size, axis) => shape[axis] === null || shape[axis] === size);
  if (!agrees) {
    throw new GraphError('FEED_INVALID', name, {
      what: 'the data does not fit the input of the model.',
      given: { input: { dtype, shape }, data: column },
      fix: 'give data of the shape of the input, the batch in front.',
    });
  }
  return column;
}

/** Arrays as batches, shuffled anew for each epoch. */
export class ArraySource implements BatchSource {
  readonly steps: number;
  readonly samples: number;
  private readonly columns: readonly HostTensor[];
  private readonly inputs: number;
  private readonly options: { batchSize: number; shuffle: number | false };

  constructor(
    inputs: readonly HostTensor[],
    targets: readonly HostTensor[],
    options: { batchSize: number; shuffle: number | false; weight?: HostTensor | undefined },
  ) {
    const samples = inputs[0]?.shape[0] ?? 0;
    const weight = options.weight ?? new HostTensor(new Float32Array(samples).fill(1), [samples]);
    this.columns = [...inputs, ...targets, weight];
    for (const column of this.columns) checkRows(column, samples);
    this.inputs = inputs.length;
    this.samples = samples;
    this.steps = Math.ceil(samples / options.batchSize);
    this.options = options;
  }

  *epoch(epoch: number): Iterable<Batch> {
    const { batchSize, shuffle } = this.options;
    for (const rows of batches(this.columns, { batchSize, shuffle, epoch })) {
      const weight = rows.at(-1) as HostTensor;
      yield {
        inputs: rows.slice(0, this.inputs),
        targets: rows.slice(this.inputs, -1),
        weight,
        size: weight.size,
      };
    }
  }
}

function checkRows(column: HostTensor, samples: number): void {
  if (column.shape[0] === samples) return;
  throw new GraphError('FEED_INVALID', 'fit', {
    what: `inputs, targets and weights must have the same number of examples; found ${samples} and ${column.shape[0]}.`,
    given: { data: column },
  });
}

/** A data set of batches: elements `[x, y]`, `[x, y, weight]` or `{ xs, ys, weights }`. */
export class StreamSource implements BatchSource {
  readonly steps: number | null;
  readonly samples = null;
  private readonly stream: AsyncIterable<unknown>;
  private readonly model: Model;

  constructor(model: Model, stream: AsyncIterable<unknown>) {
    this.model = model;
    this.stream = stream;
    const { size } = stream as { size?: unknown };
    this.steps = typeof size === 'number' && Number.isFinite(size) ? size : null;
  }

  async *epoch(): AsyncIterable<Batch> {
    for await (const element of this.stream) yield this.batch(element);
  }

  private batch(element: unknown): Batch {
    const record = isRecord(element as TrainingData)
      ? (element as unknown as Record<string, TrainingData>)
      : undefined;
    const [x, y, w] = record ? [record.xs, record.ys, record.weights] : (element as TrainingData[]);
    if (x === undefined || y === undefined) {
      throw new GraphError('FEED_INVALID', 'fit', {
        what: 'an element of the data set is not a batch.',
        fix: 'give elements [x, y] or { xs, ys }, for example dataset.batch(32).',
      });
    }
    const inputs = readInputs(this.model, x);
    const size = inputs[0]?.shape[0] ?? 0;
    const weight =
      w === undefined
        ? new HostTensor(new Float32Array(size).fill(1), [size])
        : hostTensor(w as TensorData, { dtype: 'float32' });
    return { inputs, targets: readTargets(this.model, y), weight, size };
  }
}

/** Reads what `fit` and `evaluate` take. Errors: FEED_INVALID, FEED_MISSING. */
export function sourceOf(
  model: Model,
  x: TrainingData,
  y: TrainingData | undefined,
  options: { batchSize: number; shuffle: number | false } & WeightOptions,
): BatchSource {
  if (isStream(x)) return new StreamSource(model, x);
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

/** Sample weights times the weights of the examples' classes. Errors: FEED_INVALID for a class without a weight. */
export function exampleWeights(
  targets: readonly HostTensor[],
  { sampleWeight, classWeight }: WeightOptions,
): HostTensor | undefined {
  const given =
    sampleWeight === undefined
      ? undefined
      : hostTensor(sampleWeight, { dtype: 'float32', where: 'sampleWeight' });
  if (classWeight === undefined) return given;
  const [target] = targets as [HostTensor];
  const classes = classesOf(target);
  const values = Float32Array.from(classes, (c, i) => {
    const weight = classWeight[c];
    if (weight === undefined)
      throw new GraphError('FEED_INVALID', 'classWeight', {
        what: `class ${c} has no weight.`,
        fix: 'give a weight for every class that occurs.',
      });
    return weight * (given ? Number(given.data[i]) : 1);
  });
  return new HostTensor(values, [values.length]);
}

/** Class numbers: the targets themselves, or the place of the largest element of each row. */
function classesOf({ data, shape }: HostTensor): number[] {
  const width = shape.length > 1 ? data.length / Math.max(1, shape[0] as number) : 1;
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => {
    const values = Array.from(
      data.subarray(row * width, (row + 1) * width) as Float32Array,
      Number,
    );
    return width === 1 ? (values[0] as number) : values.indexOf(Math.max(...values));
  });
}
