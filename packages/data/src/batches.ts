import { HostTensor, type TypedArray } from '@tenon/core';
import { rowBuffer, rowSizeOf } from './elements/rows.js';
import { type BatchesOptions, RowBatches } from './row-batches.js';

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
  return gathered(new RowBatches(arrays, options), options.batchSize);
}

function* gathered(rows: RowBatches, batchSize: number) {
  const buffers = rows.columns.map((column) =>
    rowBuffer(column, Math.min(batchSize, column.shape[0] as number)),
  );
  while (rows.advance()) {
    yield rows.columns.map((column, i) => {
      const buffer = buffers[i] as TypedArray;
      rows.copy(i, buffer);
      return new HostTensor(
        buffer.subarray(0, rows.size * rowSizeOf(column)),
        [rows.size, ...column.shape.slice(1)],
        column.dtype,
      );
    });
  }
}
