import {
  type DType,
  GraphError,
  HostTensor,
  hostTensor,
  type Session,
  type Shape,
  Tensor,
  type TensorData,
} from '@tenon/core';
import type { Model } from '../../model/model.js';
import type { TrainingData } from '../data.js';

const isArrayLike = (data: unknown): boolean =>
  data instanceof HostTensor || Array.isArray(data) || ArrayBuffer.isView(data);

/** Data by name: no array, no stream. */
export const isRecord = (data: unknown): data is Readonly<Record<string, TensorData>> =>
  typeof data === 'object' && data !== null && !isArrayLike(data) && !(data instanceof Tensor);

/** The data with every symbolic tensor in it computed. */
export async function evaluated<T>(session: Session, data: T): Promise<T> {
  const value = async (part: unknown): Promise<unknown> =>
    part instanceof Tensor ? session.run(part) : part;
  if (data instanceof Tensor) return (await value(data)) as T;
  if (Array.isArray(data) && data.some((part) => part instanceof Tensor))
    return (await Promise.all(data.map(value))) as T;
  if (!isRecord(data) || !Object.values(data).some((part) => (part as unknown) instanceof Tensor))
    return data;
  const entries = Object.entries(data).map(async ([name, part]) => [name, await value(part)]);
  return Object.fromEntries(await Promise.all(entries)) as T;
}

/** Data of a model's inputs in order, in the shapes that it takes. Errors: FEED_INVALID, FEED_MISSING. */
export const readInputs = (model: Model, x: TrainingData): HostTensor[] =>
  columnsOf(x, { names: model.inputNames, where: `${model.name} inputs` }).map((column, i) =>
    fitted(column, model.inputs[i] as Tensor, model.inputNames[i] as string),
  );

/** Targets in order, in their own dtypes. */
export const readTargets = (model: Model, y: TrainingData): HostTensor[] =>
  columnsOf(y, { names: model.outputNames, where: `${model.name} targets` }).map((column, i) =>
    hostTensor(column, { where: model.outputNames[i] as string }),
  );

/** What a list of one array, which stands for the array, holds; else the data. */
export function withoutList(data: TrainingData): TrainingData {
  const [first] = Array.isArray(data) && data.length === 1 ? data : [];
  return first instanceof HostTensor || ArrayBuffer.isView(first) ? (first as TensorData) : data;
}

function columnsOf(
  data: TrainingData,
  { names, where }: { names: readonly string[]; where: string },
): TensorData[] {
  if (isRecord(data)) return names.map((name) => columnAt(data, name, { names, where }));
  if (names.length === 1) return [withoutList(data) as TensorData];
  if (Array.isArray(data) && data.length === names.length) return [...(data as TensorData[])];
  throw new GraphError('FEED_INVALID', where, {
    what: `${names.length} arrays are needed: ${names.join(', ')}.`,
    fix: 'give them as a list in this order, or as a record.',
  });
}

function columnAt(
  data: Readonly<Record<string, TensorData>>,
  name: string,
  { names, where }: { names: readonly string[]; where: string },
): TensorData {
  const value = data[name];
  if (value !== undefined) return value;
  throw new GraphError('FEED_MISSING', where, {
    what: `there is no data for ${name}.`,
    fix: `give ${names.join(', ')}.`,
  });
}

function fitted(data: TensorData, input: Tensor, name: string): HostTensor {
  const { shape, dtype } = input;
  const column = inShape(data, hostTensor(data, { where: name }), shape);
  const agrees =
    column.shape.length === shape.length &&
    column.shape.every((size, axis) => shape[axis] === null || shape[axis] === size);
  if (agrees) return copiesAs(column.dtype, dtype) ? column : hostTensor(column, { dtype });
  throw new GraphError('FEED_INVALID', name, {
    what: 'the data does not fit the input of the model.',
    given: { input: { dtype, shape }, data: column },
    fix: 'give data of the shape of the input, the batch in front.',
  });
}

// Numbers of these are converted by being stored; of the others bool is "not zero", int64 a bigint, and half precision rounded.
const stored: ReadonlySet<DType> = new Set(['float32', 'float64', 'int32', 'int8', 'uint8']);

const copiesAs = (from: DType, to: DType): boolean =>
  from === to || (from !== 'int64' && stored.has(to));

// A flat typed array holds the examples one after the other; a plain list of numbers only does so where each is an example.
function inShape(data: TensorData, column: HostTensor, shape: Shape): HostTensor {
  const example = shape.slice(1);
  if (column.shape.length !== 1 || example.length === 0 || example.includes(null)) return column;
  const size = (example as number[]).reduce((product, n) => product * n, 1);
  const flat = ArrayBuffer.isView(data) || size === 1 || column.size === 0;
  if (!flat || size === 0 || column.size % size !== 0) return column;
  return new HostTensor(column.data, [column.size / size, ...(example as number[])], column.dtype);
}
