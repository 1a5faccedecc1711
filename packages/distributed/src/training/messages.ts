import type {
  FromShard,
  FromWorker,
  ShardToWorker,
  ToShard,
  ToWorker,
  WorkerToShard,
} from '../coordinator/messages.js';

/** What a task is to do in the training of one model; the graph, and values that never change, come as tensors. */
export type Role =
  | {
      readonly role: 'replica';
      readonly worker: number;
      /** Where the parameter shards are, by shard. */
      readonly shards: readonly string[];
      readonly seed: number;
      /** Names of the parameters of each shard. */
      readonly parameters: readonly (readonly string[])[];
      /** Names of the values that never change, in the order of the tensors after the graph. */
      readonly fixed: readonly string[];
      /** How many of the graph's inputs a batch fills. */
      readonly columns: number;
    }
  | {
      readonly role: 'shard';
      readonly shard: number;
      /** Names of the parameters, in the order in which gradients come. */
      readonly parameters: readonly string[];
      /** Names of all that makes the state of the shard, in the order in which snapshots hold it. */
      readonly state: readonly string[];
      /** See StalenessBounds; 0 if synchronous. */
      readonly maxStaleness: number;
    };

/** The port of a process's heartbeat thread, and which life of the process it speaks for. */
export interface Heartbeat {
  readonly port: number;
  readonly incarnation: string;
}

/** A run is one epoch under one coordinator: what belongs to another run is dropped. */
interface OfRun {
  readonly run: number;
}

/** From the chief to a task. */
export type ToTask =
  /** Take a role, or go on with it where this training is known. Followed by the graph. */
  | { readonly kind: 'open'; readonly training: string; readonly role: Role }
  | (OfRun & {
      readonly kind: 'start';
      readonly incarnation: number;
      readonly retryMs: number;
      /** Runs of the session before the first step of the epoch: random numbers derive from it. */
      readonly runs: number;
    })
  /** With work come the tensors of its batch. */
  | (OfRun & { readonly kind: 'replica'; readonly message: ToWorker })
  | (OfRun & { readonly kind: 'shard'; readonly message: ToShard })
  /** The snapshot that was asked for. */
  | (OfRun & { readonly kind: 'loaded'; readonly generation: number; readonly version: number })
  /** Asks a shard for its state. */
  | (OfRun & { readonly kind: 'collect' })
  | { readonly kind: 'end' };

/** From a task to the chief. */
export type FromTask =
  /** `run` is the one that is known already; `heartbeat` says where a thread of its own answers while it computes. */
  | {
      readonly kind: 'opened';
      readonly run: number | null;
      readonly heartbeat: Heartbeat | null;
    }
  /** With a commit come what its batch adds to the state of the metrics. */
  | (OfRun & { readonly kind: 'replica'; readonly message: FromWorker })
  | (OfRun & { readonly kind: 'shard'; readonly message: FromShard })
  | (OfRun & { readonly kind: 'load'; readonly generation: number; readonly version: number })
  | (OfRun & { readonly kind: 'save'; readonly version: number })
  | (OfRun & { readonly kind: 'prune'; readonly before: number })
  | (OfRun & {
      readonly kind: 'collected';
      readonly generation: number;
      readonly version: number;
    })
  /** What can not be mended by trying again. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly where: string;
      readonly what: string;
      readonly fix: string;
      readonly worker: string;
    };

/** From a replica to a parameter shard; gradients come as tensors in the order of the shard's parameters. */
export type ReplicaToShard =
  | { readonly kind: 'attach'; readonly training: string; readonly worker: number }
  | (OfRun & {
      readonly kind: 'ask';
      readonly message: WorkerToShard<undefined>;
    });

/** From a parameter shard to a replica; parameters come as tensors in their order. */
export type ShardToReplica = OfRun & {
  readonly kind: 'answer';
  readonly message: ShardToWorker<undefined>;
};
