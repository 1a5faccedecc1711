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

/** Puts values into the nesting of the fetches; the caller knows it as `Fetched<typeof fetches>`. */
export function nestFetched(fetches: Fetches, values: Iterator<HostTensor>): unknown {
  if (fetches instanceof Tensor) return values.next().value;
  if (Array.isArray(fetches)) return fetches.map((inner: Fetches) => nestFetched(inner, values));
  const entries = Object.entries(fetches).map(([name, inner]) => [
    name,
    nestFetched(inner, values),
  ]);
  return Object.fromEntries(entries);
}
