import { checkCount } from '../check-count.js';
import { rowSource } from '../elements/row-table.js';
import type { Source } from '../source.js';

/** The first `count` elements. */
export function take<T>(source: Source<T>, count: number): Source<T> {
  checkCount(count, 'the count', { where: 'take', least: 0, endless: true });
  const { rows, size } = source;
  if (rows) {
    const length = Math.min(count, rows.length);
    return rowSource({ ...rows, length, order: (epoch) => rows.order(epoch).subarray(0, length) });
  }
  return {
    size: size === null ? (count === 0 ? 0 : null) : Math.min(size, count),
    async *iterate(epoch) {
      if (count === 0) return;
      let taken = 0;
      for await (const element of source.iterate(epoch)) {
        yield element;
        if (++taken >= count) return;
      }
    },
  };
}
