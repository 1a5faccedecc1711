import { checkCount } from '../check-count.js';
import { gatherBatch, type RowTable } from '../elements/row-table.js';
import { stack } from '../elements/stack.js';
import type { Source } from '../source.js';

export interface BatchOptions {
  /** Leaves out a last batch that is not full. */
  readonly dropRemainder?: boolean;
}

/** Stacks `size` successive elements at a time. Shapes: [...] -> [size, ...]. Errors: as `stack`. */
export function batch<T>(source: Source<T>, size: number, options: BatchOptions = {}): Source<T> {
  checkCount(size, 'the batch size', { where: 'batch' });
  const { dropRemainder = false } = options;
  const { rows } = source;
  return {
    size: batchCount(source.size, size, dropRemainder),
    iterate: (epoch) =>
      rows
        ? gathered(rows, { size, dropRemainder, epoch })
        : stacked(source, { size, dropRemainder, epoch }),
  };
}

function batchCount(elements: number | null, size: number, dropRemainder: boolean): number | null {
  if (elements === null) return null;
  return dropRemainder ? Math.floor(elements / size) : Math.ceil(elements / size);
}

interface Pass {
  readonly size: number;
  readonly dropRemainder: boolean;
  readonly epoch: number;
}

async function* gathered<T>(rows: RowTable<T>, { size, dropRemainder, epoch }: Pass) {
  const order = rows.order(epoch);
  const end = dropRemainder ? order.length - (order.length % size) : order.length;
  for (let start = 0; start < end; start += size) {
    yield gatherBatch(rows, order.subarray(start, start + size));
  }
}

async function* stacked<T>(source: Source<T>, { size, dropRemainder, epoch }: Pass) {
  let elements: T[] = [];
  for await (const element of source.iterate(epoch)) {
    elements.push(element);
    if (elements.length < size) continue;
    yield stack(elements, 'batch');
    elements = [];
  }
  if (elements.length > 0 && !dropRemainder) yield stack(elements, 'batch');
}
