import type { Source } from '../source.js';

/** The elements of one source, then those of the other. */
export function concatenate<T, U>(first: Source<T>, second: Source<U>): Source<T | U> {
  return {
    size: first.size === null || second.size === null ? null : first.size + second.size,
    async *iterate(epoch) {
      yield* first.iterate(epoch);
      yield* second.iterate(epoch);
    },
  };
}
