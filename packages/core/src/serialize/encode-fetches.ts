import { create } from '@bufbuild/protobuf';
import { checkKey } from '../checkpoint/json.js';
import { GraphError } from '../errors.js';
import { Tensor } from '../graph/tensor.js';
import type { Fetches } from '../runtime/fetches.js';
import { maxNesting } from './format.js';
import {
  type Fetch,
  FetchListSchema,
  FetchRecordSchema,
  FetchSchema,
  NamedFetchSchema,
  type Output,
} from './gen/graph_pb.js';

/** Nested fetches with a reference in place of each tensor. Errors: GRAPH_INVALID. */
export function encodeFetches(
  fetches: Fetches,
  output: (tensor: Tensor) => Output,
  depth = 0,
): Fetch {
  if (depth > maxNesting) {
    throw new GraphError('GRAPH_INVALID', 'fetches', {
      what: `they are nested deeper than ${maxNesting}.`,
    });
  }
  if (fetches instanceof Tensor)
    return create(FetchSchema, { kind: { case: 'tensor', value: output(fetches) } });
  const inner = (nested: Fetches) => encodeFetches(nested, output, depth + 1);
  if (Array.isArray(fetches)) {
    const value = create(FetchListSchema, { items: (fetches as readonly Fetches[]).map(inner) });
    return create(FetchSchema, { kind: { case: 'list', value } });
  }
  const fields = Object.entries(fetches).map(([name, nested]) =>
    create(NamedFetchSchema, { name: checkKey(name, 'fetches'), fetch: inner(nested as Fetches) }),
  );
  return create(FetchSchema, {
    kind: { case: 'record', value: create(FetchRecordSchema, { fields }) },
  });
}
