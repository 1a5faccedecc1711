import type { Tensor } from '../graph/tensor.js';
import type { Fetches } from '../runtime/fetches.js';
import { recordOf } from './decode-values.js';
import { refuse } from './format.js';
import type { Fetch, Output } from './gen/graph_pb.js';

/** Nested fetches with the tensors in place of references. Errors: FORMAT_INVALID. */
export function decodeFetches(
  message: Fetch | undefined,
  tensor: (output: Output) => Tensor,
): Fetches {
  const kind = message?.kind;
  switch (kind?.case) {
    case 'tensor':
      return tensor(kind.value);
    case 'list':
      return kind.value.items.map((item) => decodeFetches(item, tensor));
    case 'record': {
      const entries = kind.value.fields.map(
        ({ name, fetch }) => [name, decodeFetches(fetch, tensor)] as const,
      );
      return recordOf(entries, 'graph.fetches');
    }
    case undefined:
      return refuse('graph.fetches', 'a fetch is missing.');
  }
}
