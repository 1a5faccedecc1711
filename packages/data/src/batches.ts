import { HostTensor, type TypedArray } from '@tenon/core';
import { checkCount } from './check-count.js';
import { columnsOf } from './elements/leaves.js';
import { gatherRows, rowBuffer, rowSizeOf } from './elements/rows.js';
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
 * One epoch of batches out of arrays that share their first axis, copied into buffers that the next batch overwrites.
 * The order is that of `Dataset.from(arrays).shuffle(Infinity, { seed })` in the same epoch.
 * Shapes: [rows, ...] -> [batchSize, ...], the last one smaller.
 * Errors: SHAPE_MISMATCH (rows differ in number), ATTRIBUTE_INVALID.
 *
 * @example
 * const x = new HostTensor(new Float32Array([1, 2, 3]), [3, 1]);
 * for (const [rows] of batches([x], { batchSize: 2, shuffle: false })) rows.array(); // [[1], [2]], then [[3]]
 */
export function batches(
  arrays: readonly HostTensor[],
  options: BatchesOptions,
): IterableIterator<HostTensor[]> {
  const { batchSize, shuffle, epoch = 0, dropRemainder = false } = options;
  checkCount(batchSize, 'batchSize', { where: 'batches' });
  checkCount(epoch, 'epoch', { where: 'batches', least: 0 });
  if (shuffle !== false) checkSeed(shuffle, 'batches');
  const { columns, length } = columnsOf(arrays, 'batches');
  const rows = inOrder(length);
  const order = shuffle === false ? rows : permuted(rows, draws(shuffle, epoch));
  const end = dropRemainder ? length - (length % batchSize) : length;
  return gathered(columns, order.subarray(0, end), batchSize);
}

function* gathered(columns: readonly HostTensor[], order: Uint32Array, batchSize: number) {
  const buffers = columns.map((column) => rowBuffer(column, Math.min(batchSize, order.length)));
  for (let start = 0; start < order.length; start += batchSize) {
    const rows = order.subarray(start, start + batchSize);
    yield columns.map((column, i) => {
      const buffer = buffers[i] as TypedArray;
      gatherRows(column, rows, buffer);
      const shape = [rows.length, ...column.shape.slice(1)];
      return new HostTensor(
        buffer.subarray(0, rows.length * rowSizeOf(column)),
        shape,
        column.dtype,
      );
    });
  }
}
