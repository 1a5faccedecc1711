import { GraphError, HostTensor } from '@tenon/core';
import { isRecord } from './element.js';

export interface Leaf {
  /** Keys and indices from the element down to the leaf, joined by dots; empty when the element is itself the leaf. */
  readonly path: string;
  readonly value: unknown;
}

/** The element with every leaf replaced. Records are visited by sorted keys, so that equal structures give equal orders. */
export function mapLeaves(element: unknown, replace: (leaf: Leaf) => unknown, path = ''): unknown {
  const inner = (key: string | number) => (path === '' ? `${key}` : `${path}.${key}`);
  if (Array.isArray(element)) {
    return element.map((value, index) => mapLeaves(value, replace, inner(index)));
  }
  if (!isRecord(element)) return replace({ path, value: element });
  const keys = Object.keys(element).sort();
  return Object.fromEntries(keys.map((key) => [key, mapLeaves(element[key], replace, inner(key))]));
}

/** The leaves of an element, in the order of `mapLeaves`. */
export function leavesOf(element: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  mapLeaves(element, (leaf) => leaves.push(leaf));
  return leaves;
}

/** An element of the same structure, its leaves taken from a list. */
export function assemble(structure: unknown, leaves: readonly unknown[]): unknown {
  let next = 0;
  return mapLeaves(structure, () => leaves[next++]);
}

const named = (path: string): string => (path === '' ? 'the element' : `'${path}'`);

/** The tensor at a leaf. Errors: VALUE_INVALID. */
export function tensorAt({ path, value }: Leaf, where: string): HostTensor {
  if (value instanceof HostTensor) return value;
  throw new GraphError('VALUE_INVALID', where, {
    what: `${named(path)} is ${describe(value)}, not a tensor.`,
    fix: 'turn it into numbers with map, or leave it out.',
  });
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return value === null ? 'null' : `a ${typeof value}`;
  return `an object of class ${value.constructor?.name ?? 'unknown'}`;
}

/** The tensors of an element, which share the size of their first axis. Errors: SHAPE_MISMATCH, VALUE_INVALID. */
export function columnsOf(
  element: unknown,
  where: string,
): { columns: HostTensor[]; length: number } {
  const leaves = leavesOf(element);
  const columns = leaves.map((leaf) => tensorAt(leaf, where));
  const length = columns[0]?.shape[0];
  const odd = columns.findIndex(({ shape }) => shape[0] === undefined || shape[0] !== length);
  if (columns.length === 0) {
    throw new GraphError('VALUE_INVALID', where, { what: 'the record or tuple holds no tensors.' });
  }
  if (length === undefined || odd >= 0) {
    const path = leaves[Math.max(odd, 0)]?.path ?? '';
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: `${named(path)} does not have ${length === undefined ? 'a first axis' : `${length} rows`}.`,
      given: Object.fromEntries(
        leaves.map((leaf, i) => [leaf.path || 'tensor', columns[i] as HostTensor]),
      ),
      fix: 'give tensors whose first axes have the same size.',
    });
  }
  return { columns, length };
}
