import { HostTensor, type KnownShape } from '@tenon/core';

/** Rows from `begin` on to one before `end`. */
export interface RowRange {
  readonly begin: number;
  readonly end: number;
}

/** Rows of a shape: a scalar has one. */
export const rowCount = ([rows = 1]: KnownShape): number => rows;

/** Rows of a tensor, not copied; all of them as it is. */
export function rowsFrom(tensor: HostTensor, { begin, end }: RowRange): HostTensor {
  const { data, shape, dtype } = tensor;
  const rows = rowCount(shape);
  if (begin === 0 && end === rows) return tensor;
  const width = data.length / rows;
  const own = data.subarray(begin * width, end * width);
  return new HostTensor(own, [end - begin, ...shape.slice(1)], dtype);
}

/** Memory for all rows of a tensor of which some are given. */
export function roomFor({ data, shape, dtype }: HostTensor, rows: number): HostTensor {
  const Data = data.constructor as new (length: number) => typeof data;
  const width = data.length / Math.max(1, rowCount(shape));
  return new HostTensor(new Data(width * rows), [rows, ...shape.slice(1)], dtype);
}

/** Puts rows into an array of all rows, from one row on. */
export function putRows({ data, shape }: HostTensor, into: HostTensor, begin: number): void {
  const width = data.length / Math.max(1, rowCount(shape));
  (into.data as Float32Array).set(data as Float32Array, begin * width);
}

/** The rows of tensors that share their first axis, in some parts of nearly equal size; fewer parts where there are fewer rows. */
export function splitRows(tensors: readonly HostTensor[], parts: number): HostTensor[][] {
  const rows = tensors[0]?.shape[0] ?? 0;
  const count = Math.min(parts, rows);
  return Array.from({ length: count }, (_, part) => {
    const begin = Math.floor((part * rows) / count);
    const end = Math.floor(((part + 1) * rows) / count);
    return tensors.map((tensor) => rowsFrom(tensor, { begin, end }));
  });
}
