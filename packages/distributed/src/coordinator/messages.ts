import type { Batch, Commit, CommitAnswer, Update } from './commit.js';
import type { Place } from './protocols/update-protocol.js';

/** From a worker to the coordinator. `generation` counts the recoveries that the worker has heard of. */
export type FromWorker = {
  readonly worker: number;
  readonly incarnation: number;
} & (
  | { readonly kind: 'join' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'heartbeat'; readonly generation: number }
  | {
      readonly kind: 'begin';
      readonly generation: number;
      /** Where the last step belonged, if a shard has said that its parameters are too old. */
      readonly overtaken?: Place;
    }
  | { readonly kind: 'commit'; readonly generation: number; readonly commit: Commit }
);

/** From the coordinator to a worker. */
export type ToWorker =
  | { readonly kind: 'joined'; readonly incarnation: number; readonly generation: number }
  /** A newer incarnation of the worker runs: this one has to end. */
  | { readonly kind: 'superseded'; readonly incarnation: number }
  /** No lease, or of an earlier generation: join again. */
  | { readonly kind: 'aborted'; readonly incarnation: number }
  | { readonly kind: 'alive'; readonly generation: number }
  | {
      readonly kind: 'work';
      readonly generation: number;
      readonly place: Place;
      readonly batch: Batch | undefined;
    }
  | { readonly kind: 'wait'; readonly generation: number }
  | {
      readonly kind: 'decided';
      readonly generation: number;
      readonly incarnation: number;
      readonly push: number;
      readonly answer: CommitAnswer;
    }
  /** The versioned broadcast: waiters wake, work on earlier rounds stops. */
  | {
      readonly kind: 'advance';
      readonly generation: number;
      readonly group: number;
      readonly round: number;
    }
  | {
      readonly kind: 'cancel';
      readonly generation: number;
      readonly group: number;
      readonly round: number;
    };

/** From a parameter shard to the coordinator. */
export type FromShard = { readonly shard: number } & (
  | { readonly kind: 'hello'; readonly incarnation: number }
  | {
      readonly kind: 'restored';
      readonly incarnation: number;
      readonly generation: number;
      readonly version: number;
    }
  | {
      readonly kind: 'applied' | 'missing';
      readonly generation: number;
      readonly version: number;
    }
  /** The shard has heard of a later generation than the coordinator that spoke to it. */
  | { readonly kind: 'newer'; readonly generation: number }
);

/** An update as shards get it, and whether the version that it makes is kept as a checkpoint. */
export interface ShardUpdate {
  readonly update: Update;
  readonly checkpoint: boolean;
}

/** From the coordinator to a parameter shard. */
export type ToShard =
  | { readonly kind: 'restore'; readonly generation: number; readonly version: number }
  | {
      readonly kind: 'apply';
      readonly generation: number;
      readonly updates: readonly ShardUpdate[];
      /** The newest version of which every shard keeps a checkpoint; older ones can go. */
      readonly complete: number;
    };

/** Rows wanted of parameters by name; the others come whole. */
export type RowSelection = Readonly<Record<string, readonly number[] | Int32Array>>;

/** From a worker to a parameter shard. */
export type WorkerToShard<G> =
  | {
      readonly kind: 'pull';
      readonly worker: number;
      readonly generation: number;
      readonly request: number;
      readonly place: Place;
      readonly rows?: RowSelection;
    }
  | {
      readonly kind: 'push';
      readonly generation: number;
      readonly commit: Pick<Commit, 'worker' | 'incarnation' | 'push' | 'tag'>;
      readonly gradient: G;
    };

/** From a parameter shard to a worker. */
export type ShardToWorker<P> =
  | {
      readonly kind: 'pulled';
      readonly shard: number;
      readonly generation: number;
      readonly request: number;
      readonly version: number;
      readonly parameters: P;
    }
  | {
      readonly kind: 'kept';
      readonly shard: number;
      readonly generation: number;
      readonly push: string;
    }
  /** What was asked belongs to a round or version that is over. */
  | {
      readonly kind: 'overtaken';
      readonly shard: number;
      readonly generation: number;
      readonly of: string;
    }
  /** The shard is of another generation, or not restored yet. */
  | { readonly kind: 'unready'; readonly shard: number; readonly generation: number };
