import { checkCount } from '../check-count.js';
import type { Source } from '../source.js';

/** The elements `count` times over; every repetition is an epoch of its own, so that shuffles differ. */
export function repeat<T>(source: Source<T>, count = Number.POSITIVE_INFINITY): Source<T> {
  checkCount(count, 'the count', { where: 'repeat', least: 0, endless: true });
  return {
    size: repeatedSize(source.size, count),
    async *iterate(epoch) {
      const first = Number.isFinite(count) ? epoch * count : epoch;
      for (let i = 0; i < count; i++) {
        let empty = true;
        for await (const element of source.iterate(first + i)) {
          empty = false;
          yield element;
        }
        // An endless repetition of nothing would never hand control back.
        if (empty && !Number.isFinite(count)) return;
      }
    },
  };
}

function repeatedSize(size: number | null, count: number): number | null {
  if (size === 0 || count === 0) return 0;
  return size === null ? null : size * count;
}
