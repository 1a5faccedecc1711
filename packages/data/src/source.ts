import type { RowTable } from './elements/row-table.js';

/** Where a dataset's elements come from: what every source and every operator returns. */
export interface Source<T> {
  /** Number of elements of a pass: `Infinity` when it never ends, `null` while it is not known. */
  readonly size: number | null;
  /**
   * The elements of one pass. The same `epoch` gives the same elements in the same order, whatever was read before;
   * whatever is random depends on its seed and `epoch` alone.
   */
  iterate(epoch: number): AsyncIterable<T>;
  /** Present while every element is a row of arrays in memory, so that batches can be gathered without making elements. */
  readonly rows?: RowTable<T> | undefined;
}
