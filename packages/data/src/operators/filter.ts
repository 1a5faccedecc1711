import type { Source } from '../source.js';

export type FilterFunction<T> = (element: T, index: number) => boolean | Promise<boolean>;

/** The elements that `keep` answers with true. */
export function filter<T>(source: Source<T>, keep: FilterFunction<T>): Source<T> {
  return {
    size: source.size === 0 ? 0 : null,
    async *iterate(epoch) {
      let index = 0;
      for await (const element of source.iterate(epoch)) {
        if (await keep(element, index++)) yield element;
      }
    },
  };
}
