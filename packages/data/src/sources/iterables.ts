import { GraphError } from '@tenon/core';
import { checkCount } from '../check-count.js';
import { asElement, type ElementOf } from '../elements/element.js';
import type { Source } from '../source.js';

export type AnyIterable<V> = Iterable<V> | AsyncIterable<V>;

export interface GeneratorOptions {
  /** Number of elements of a pass, where it is known. */
  readonly size?: number;
}

/** The values of an array, each read as an element. */
export function fromList<V>(values: readonly V[]): Source<ElementOf<V>> {
  return {
    size: values.length,
    async *iterate() {
      for (const value of values) yield asElement(value, 'Dataset.from');
    },
  };
}

/** The values of an iterable. Errors: STATE_INVALID on a second pass over one that can be read only once. */
export function fromIterable<V>(values: AnyIterable<V>): Source<ElementOf<V>> {
  let spent = false;
  return {
    size: null,
    async *iterate() {
      if (spent) {
        throw new GraphError('STATE_INVALID', 'Dataset.from', {
          what: 'the iterator was read in an earlier pass and can not start again.',
          fix: 'use Dataset.fromGenerator(() => ...), which makes a new one for each pass.',
        });
      }
      spent = isOneShot(values);
      for await (const value of values) yield asElement(value, 'Dataset.from');
    },
  };
}

/** An iterator hands out itself where a collection hands out a new iterator each time. */
function isOneShot<V>(values: AnyIterable<V>): boolean {
  return Symbol.asyncIterator in values
    ? (values[Symbol.asyncIterator]() as unknown) === values
    : (values[Symbol.iterator]() as unknown) === values;
}

/** The values that a generator function yields; it is called once for each pass. */
export function fromGenerator<V>(
  generator: () => AnyIterable<V>,
  { size }: GeneratorOptions = {},
): Source<ElementOf<V>> {
  const rule = { where: 'Dataset.fromGenerator', least: 0, endless: true };
  if (size !== undefined) checkCount(size, 'the size', rule);
  return {
    size: size ?? null,
    async *iterate() {
      for await (const value of generator()) yield asElement(value, 'Dataset.fromGenerator');
    },
  };
}
