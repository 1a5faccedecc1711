import { HostTensor } from '@tenon/core';
import type { Source } from '../source.js';
import { gatherRows, rowBuffer, rowOf } from './rows.js';

/** Elements that are rows of tensors in memory. */
export interface RowTable<T> {
  readonly columns: readonly HostTensor[];
  /** Number of elements. */
  readonly length: number;
  /** The row of the columns that each element is, in the order of the pass. */
  order(epoch: number): Uint32Array;
  /** The element, or batch of elements, that these leaves make up. */
  assemble(leaves: readonly HostTensor[]): T;
}

/** The source of a table's rows. Elements share the memory of the columns. */
export function rowSource<T>(rows: RowTable<T>): Source<T> {
  return {
    size: rows.length,
    rows,
    async *iterate(epoch) {
      for (const row of rows.order(epoch)) {
        yield rows.assemble(rows.columns.map((column) => rowOf(column, row)));
      }
    },
  };
}

/** The rows that `order` names as one batch, in memory of its own. */
export function gatherBatch<T>(rows: RowTable<T>, order: Uint32Array): T {
  const leaves = rows.columns.map((column) => {
    const data = rowBuffer(column, order.length);
    gatherRows(column, order, data);
    return new HostTensor(data, [order.length, ...column.shape.slice(1)], column.dtype);
  });
  return rows.assemble(leaves);
}
