import type { HostTensor } from '@tenon/core';
import { asElement } from '../elements/element.js';
import { assemble, columnsOf } from '../elements/leaves.js';
import { rowSource } from '../elements/row-table.js';
import { inOrder } from '../random/permuted.js';
import type { Source } from '../source.js';

/**
 * The rows of an array, or of a tuple or record of arrays that share the size of their first axis.
 * Shapes: [rows, ...] -> rows times [...]. Errors: SHAPE_MISMATCH, VALUE_INVALID.
 */
export function fromArrays<T>(arrays: unknown, where: string): Source<T> {
  const element = asElement(arrays, where);
  const { columns, length } = columnsOf(element, where);
  const order = inOrder(length);
  return rowSource<T>({
    columns,
    length,
    order: () => order,
    assemble: (leaves: readonly HostTensor[]) => assemble(element, leaves) as T,
  });
}
