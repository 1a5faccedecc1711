import { asElement, type ElementOf } from '../elements/element.js';
import type { Source } from '../source.js';

export type MapFunction<T, U> = (element: T, index: number) => U | Promise<U>;

/** `y_i = fn(x_i, i)`, one after the other. */
export function map<T, U>(source: Source<T>, fn: MapFunction<T, U>): Source<ElementOf<U>> {
  return {
    size: source.size,
    async *iterate(epoch) {
      let index = 0;
      for await (const element of source.iterate(epoch)) {
        yield asElement(await fn(element, index++), 'map');
      }
    },
  };
}
