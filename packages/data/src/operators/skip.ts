import { checkCount } from '../check-count.js';
import { rowSource } from '../elements/row-table.js';
import type { Source } from '../source.js';

/** All but the first `count` elements. */
export function skip<T>(source: Source<T>, count: number): Source<T> {
  checkCount(count, 'the count', { where: 'skip', least: 0 });
  const { rows, size } = source;
  if (rows) {
    const length = Math.max(0, rows.length - count);
    return rowSource({ ...rows, length, order: (epoch) => rows.order(epoch).subarray(count) });
  }
  return {
    size: size === null ? null : Math.max(0, size - count),
    async *iterate(epoch) {
      let index = 0;
      for await (const element of source.iterate(epoch)) {
        if (index++ >= count) yield element;
      }
    },
  };
}
