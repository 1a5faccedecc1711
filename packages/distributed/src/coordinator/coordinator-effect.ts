import type { Update } from './commit.js';
import type { CoordinatorState } from './coordinator-state.js';
import type { ToShard, ToWorker } from './messages.js';

/** What the coordinator wants done, in this order: a state is durable before what follows it is sent. */
export type CoordinatorEffect =
  | { readonly kind: 'save'; readonly state: CoordinatorState }
  | { readonly kind: 'worker'; readonly worker: number; readonly message: ToWorker }
  | { readonly kind: 'shard'; readonly shard: number; readonly message: ToShard }
  /** Every shard has applied the update. */
  | { readonly kind: 'applied'; readonly update: Update }
  /** A shard was lost: versions after this one are undone. */
  | { readonly kind: 'rewound'; readonly version: number; readonly generation: number };

export function toWorker(worker: number, message: ToWorker): CoordinatorEffect {
  return { kind: 'worker', worker, message };
}
