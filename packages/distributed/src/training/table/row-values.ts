import { GraphError } from '@tenon/core';

/** Some rows of a table: `values[i]` belongs to `rows[i]`. Shapes: [n], [n, width]. */
export interface RowValues {
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** Sums by row, in the order given; each row once, in the order in which it comes first. */
export function sumByRow(parts: readonly RowValues[], width: number): RowValues {
  const places = new Map<number, number>();
  for (const { rows } of parts)
    for (const row of rows) if (!places.has(row)) places.set(row, places.size);
  const sums = new Float32Array(places.size * width);
  for (const { rows, values } of parts) {
    for (let i = 0; i < rows.length; i++) {
      const to = (places.get(rows[i] as number) as number) * width;
      const from = i * width;
      for (let j = 0; j < width; j++)
        sums[to + j] = (sums[to + j] as number) + (values[from + j] as number);
    }
  }
  return { rows: Int32Array.from(places.keys()), values: sums };
}

/** Each row once, in the order of `sumByRow`. */
export const distinctRows = (parts: readonly Int32Array[]): Int32Array =>
  Int32Array.from(new Set(parts.flatMap((rows) => [...rows])));

/** Rows as a lookup gives them, `y[i] = values[rows.indexOf(ids[i])]`. Shapes: [n] -> [n, width]. */
export function lookUp({ rows, values }: RowValues, ids: Int32Array, width: number): Float32Array {
  const places = new Map<number, number>();
  for (let i = 0; i < rows.length; i++) places.set(rows[i] as number, i * width);
  const found = new Float32Array(ids.length * width);
  for (let i = 0; i < ids.length; i++) {
    const from = places.get(ids[i] as number) as number;
    found.set(values.subarray(from, from + width), i * width);
  }
  return found;
}

/** Whole numbers of any integer dtype as rows of a table of `count`. Errors: INDEX_OUT_OF_RANGE. */
export function rowsOf(
  ids: ArrayLike<number | bigint>,
  { count, where }: { readonly count: number; readonly where: string },
): Int32Array {
  const rows = new Int32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const row = Number(ids[i]);
    if (row < 0 || row >= count) {
      throw new GraphError('INDEX_OUT_OF_RANGE', where, {
        what: `index ${row} of a table of ${count} rows.`,
        fix: `give indices from 0 to ${count - 1}.`,
      });
    }
    rows[i] = row;
  }
  return rows;
}
