import { HostTensor, hostTensor, type NestedArray, type TypedArray } from '@tenon/core';

/** What a dataset hands out: a host tensor, or a tuple or record of elements. */
export type Element = HostTensor | readonly Element[] | { readonly [key: string]: Element };

/**
 * The element that a value is read as: numbers, bigints, booleans, typed arrays and (nested) arrays of numbers are tensors;
 * other arrays are tuples and plain objects are records, read the same way inside; anything else stays what it is.
 */
export type ElementOf<V> = V extends HostTensor | TypedArray | number | bigint | boolean
  ? HostTensor
  : V extends readonly (infer I)[]
    ? [I] extends [NestedArray]
      ? HostTensor
      : { [K in keyof V]: ElementOf<V[K]> }
    : V extends string | null | undefined
      ? V
      : V extends object
        ? { [K in keyof V]: ElementOf<V[K]> }
        : V;

const scalars = new Set(['number', 'bigint', 'boolean']);

/** A number, or arrays of nothing but numbers. */
export const isNumeric = (value: unknown): value is NestedArray =>
  scalars.has(typeof value) || (Array.isArray(value) && value.every(isNumeric));

/** A plain object: not an instance of a class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Reads a value as an element. Errors: VALUE_INVALID for ragged nested arrays. */
export function asElement<V>(value: V, where: string): ElementOf<V> {
  return read(value, where) as ElementOf<V>;
}

function read(value: unknown, where: string): unknown {
  if (value instanceof HostTensor) return value;
  if (isNumeric(value)) return hostTensor(value, { where });
  if (ArrayBuffer.isView(value)) return hostTensor(value as unknown as TypedArray, { where });
  if (Array.isArray(value)) return value.map((inner) => read(inner, where));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, read(inner, where)]));
}
