import { assemble, columnsOf } from '../elements/leaves.js';
import { rowOf } from '../elements/rows.js';
import type { Source } from '../source.js';

/**
 * The rows of every element, one by one; undoes `batch`. Shapes: [size, ...] -> size times [...].
 * Errors: SHAPE_MISMATCH (first axes differ, or a scalar), VALUE_INVALID (not tensors).
 */
export function unbatch<T>(source: Source<T>): Source<T> {
  return {
    size: source.size === 0 ? 0 : null,
    async *iterate(epoch) {
      for await (const element of source.iterate(epoch)) {
        const { columns, length } = columnsOf(element, 'unbatch');
        for (let row = 0; row < length; row++) {
          yield assemble(
            element,
            columns.map((column) => rowOf(column, row)),
          ) as T;
        }
      }
    },
  };
}
