import { GraphError, HostTensor, type NestedArray, type TypedArray } from '@tenon/core';
import { type ElementOf, isNumeric, isRecord } from '../elements/element.js';
import type { Source } from '../source.js';
import { fromArrays } from './arrays.js';
import { type AnyIterable, fromIterable, fromList } from './iterables.js';

/** The element of `Dataset.from(value)`. */
export type FromElement<V> = V extends HostTensor | TypedArray
  ? HostTensor
  : V extends readonly (infer I)[]
    ? [I] extends [NestedArray]
      ? HostTensor
      : [I] extends [HostTensor | TypedArray | readonly unknown[]]
        ? { -readonly [K in keyof V]: ElementOf<V[K]> }
        : ElementOf<I>
    : V extends AnyIterable<infer I>
      ? ElementOf<I>
      : { -readonly [K in keyof V]: ElementOf<V[K]> };

const where = 'Dataset.from';

/**
 * Arrays are cut into rows, lists and iterables give their values: an array of numbers is one array, an array of nothing
 * but arrays a tuple of them, a record is one of arrays, any other array a list.
 */
export function fromValues<V extends object>(values: V): Source<FromElement<V>> {
  return chosen(values) as Source<FromElement<V>>;
}

function chosen(values: object): Source<unknown> {
  if (Array.isArray(values)) {
    const tuple = values.length > 0 && values.every(isArray);
    return isNumeric(values) || tuple ? fromArrays(values, where) : fromList(values);
  }
  if (isArray(values) || isRecord(values)) return fromArrays(values, where);
  if (Symbol.iterator in values || Symbol.asyncIterator in values) {
    return fromIterable(values as AnyIterable<unknown>);
  }
  throw new GraphError('VALUE_INVALID', where, {
    what: `an object of class ${values.constructor.name} holds no elements.`,
    fix: 'give an array, a record of arrays, or an iterable.',
  });
}

const isArray = (value: unknown): boolean =>
  value instanceof HostTensor || Array.isArray(value) || ArrayBuffer.isView(value);
