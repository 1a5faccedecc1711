import { assemble } from '../elements/leaves.js';
import type { Source } from '../source.js';

/**
 * Elements side by side, as long as every source has one: `structure` is a tuple or record with a place for each source,
 * in the order of `leavesOf`.
 */
export function zip<T>(sources: readonly Source<unknown>[], structure: unknown): Source<T> {
  const sizes = sources.map(({ size }) => size);
  return {
    size: sizes.includes(null) ? null : Math.min(...(sizes as number[])),
    async *iterate(epoch) {
      const iterators = sources.map((source) => source.iterate(epoch)[Symbol.asyncIterator]());
      try {
        while (true) {
          const results = await Promise.all(iterators.map((iterator) => iterator.next()));
          if (results.some(({ done }) => done)) return;
          yield assemble(
            structure,
            results.map(({ value }) => value),
          ) as T;
        }
      } finally {
        await Promise.all(iterators.map((iterator) => iterator.return?.()));
      }
    },
  };
}
