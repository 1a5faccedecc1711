import { GraphError } from '../errors.js';
import type { HostTensor } from '../graph/host-tensor.js';
import { Tensor } from '../graph/tensor.js';

/** A tensor, or lists and records of fetches. */
export type Fetches = Tensor | readonly Fetches[] | FetchRecord;

export interface FetchRecord {
  readonly [name: string]: Fetches;
}

/** The same nesting with values in place of tensors. */
export type Fetched<F> = F extends Tensor
  ? HostTensor
  : { -readonly [K in keyof F]: Fetched<F[K]> };

/** The tensors of nested fetches in order. Errors: FETCH_INVALID. */
export function flattenFetches(fetches: Fetches, where = 'fetches'): Tensor[] {
  if (fetches instanceof Tensor) {
    if (fetches.node.region) {
      throw new GraphError('FETCH_INVALID', where, {
        what: `${fetches.node.where} belongs to the body of ${fetches.node.region.where}.`,
        fix: 'return it from the body and fetch the result of the loop or branch.',
      });
    }
    return [fetches];
  }
  if (
    fetches === null ||
    typeof fetches !== 'object' ||
    Symbol.iterator in Object(fetches) !== Array.isArray(fetches)
  ) {
    throw new GraphError('FETCH_INVALID', where, {
      what: `${Object.prototype.toString.call(fetches).slice(8, -1)} is not a tensor.`,
      fix: 'fetch a tensor, or lists and plain records of them.',
    });
  }
  return Object.entries(fetches).flatMap(([name, inner]) =>
    flattenFetches(inner as Fetches, `${where}.${name}`),
  );
}

/** Puts the values of flattened fetches into their nesting; the caller knows it as `Fetched<typeof fetches>`. */
export type Nest = (values: readonly HostTensor[]) => unknown;

/** The nesting of fetches as a function of their values. */
export function nestingOf(fetches: Fetches): Nest {
  let count = 0;
  const build = (inner: Fetches): Nest => {
    if (inner instanceof Tensor) {
      const place = count++;
      return (values) => values[place];
    }
    if (Array.isArray(inner)) {
      const parts = inner.map(build);
      return (values) => parts.map((part) => part(values));
    }
    const parts = Object.entries(inner).map(([name, part]) => [name, build(part)] as const);
    return (values) => Object.fromEntries(parts.map(([name, part]) => [name, part(values)]));
  };
  return build(fetches);
}
