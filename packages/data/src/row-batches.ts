import type { HostTensor, TypedArray } from '@tenon/core';
import { checkCount } from './check-count.js';
import { columnsOf } from './elements/leaves.js';
import { copyRows, type RowRange } from './elements/rows.js';
import { checkSeed, draws } from './random/draws.js';
import { inOrder, permuted } from './random/permuted.js';

export interface BatchesOptions {
  readonly batchSize: number;
  /** The seed of the order, or false for the order of the arrays. */
  readonly shuffle: number | false;
  /** Together with the seed it decides the order; 0 when absent. */
  readonly epoch?: number;
  /** Leaves out a last batch that is not full. */
  readonly dropRemainder?: boolean;
}

/**
 * One epoch of batches out of arrays that share their first axis, copied where the caller wants them: it stands on one batch after
 * the other and allocates nothing for them.
 * Errors: SHAPE_MISMATCH (rows differ in number), ATTRIBUTE_INVALID.
 *
 * @example
 * const x = new HostTensor(new Float32Array([1, 2, 3]), [3, 1]);
 * const rows = new RowBatches([x], { batchSize: 2, shuffle: false });
 * const batch = new Float32Array(2);
 * while (rows.advance()) rows.copy(0, batch); // [1, 2], then [3]
 */
export class RowBatches implements RowRange {
  readonly columns: readonly HostTensor[];
  readonly order: Uint32Array | undefined;
  /** The first row of this batch, and the one after its last. */
  from = 0;
  to = 0;
  private readonly batchSize: number;
  private readonly end: number;

  constructor(arrays: readonly HostTensor[], options: BatchesOptions) {
    const { batchSize, shuffle, epoch = 0, dropRemainder = false } = options;
    checkCount(batchSize, 'batchSize', { where: 'batches' });
    checkCount(epoch, 'epoch', { where: 'batches', least: 0 });
    if (shuffle !== false) checkSeed(shuffle, 'batches');
    const { columns, length } = columnsOf(arrays, 'batches');
    this.columns = columns;
    this.order = shuffle === false ? undefined : permuted(inOrder(length), draws(shuffle, epoch));
    this.batchSize = batchSize;
    this.end = dropRemainder ? length - (length % batchSize) : length;
  }

  /** Rows of this batch. */
  get size(): number {
    return this.to - this.from;
  }

  /** Goes on to the next batch; false at the end. */
  advance(): boolean {
    this.from = this.to;
    this.to = Math.min(this.from + this.batchSize, this.end);
    return this.to > this.from;
  }

  /** Copies this batch of a column to the start of `target`; numbers are converted to those of the target. */
  copy(column: number, target: TypedArray): void {
    copyRows(this.columns[column] as HostTensor, this, target);
  }
}
