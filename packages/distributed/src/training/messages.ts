import type {
  FromShard,
  FromWorker,
  ShardToWorker,
  ToShard,
  ToWorker,
  WorkerToShard,
} from '../coordinator/messages.js';

/** The rows of a parameter, or of a table, that one shard holds: from `begin` on to one before `end`. */
export interface HeldRows {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** A parameter of which rows are pulled and pushed: [rows, width]. */
export interface TableRole {
  readonly name: string;
  readonly rows: number;
  readonly width: number;
  /** Its values and the slots of its optimizer. */
  readonly parts: number;
}

/** What a replica reads of a table. */
export interface LookupRole {
  readonly table: string;
  readonly rows: number;
  /** Of one row. */
  readonly shape: readonly number[];
  /** Names the lookup in errors. */
  readonly where: string;
}

/** What a task is to do in the training of one model; the graph, and values that never change, come as tensors. */
export type Role =
  | {
      readonly role: 'replica';
      readonly worker: number;
      /** Where the parameter shards are, by shard. */
      readonly shards: readonly string[];
      readonly seed: number;
      /** Names of the parameters, in the order of their gradients. */
      readonly parameters: readonly string[];
      /** What each shard holds of them. */
      readonly held: readonly (readonly HeldRows[])[];
      /** What each shard holds of the tables. */
      readonly tables: readonly (readonly HeldRows[])[];
      /** What the graph reads of them, in the order of its inputs. */
      readonly lookups: readonly LookupRole[];
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
      /** Names of all that makes the state of the shard besides tables, in the order in which snapshots hold it. */
      readonly state: readonly string[];
      /** Its tables; the graphs of their updates come after the graph. */
      readonly tables: readonly TableRole[];
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
  /** Rows of a table from one on, of all its parts: tables come before the snapshot that they belong to. */
  | (OfRun & { readonly kind: 'rows'; readonly table: number; readonly from: number })
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
  /**
   * Rows of a table that have changed since the last snapshot, and their values in all parts: they come before the snapshot, or the
   * state, that they belong to.
   */
  | (OfRun & { readonly kind: 'changed'; readonly table: number })
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

/**
 * From a replica to a parameter shard. With a pull come the rows wanted of each table; with a push the gradients in the order of the
 * shard's parameters, then rows and their gradients of each table.
 */
export type ReplicaToShard =
  | { readonly kind: 'attach'; readonly training: string; readonly worker: number }
  | (OfRun & {
      readonly kind: 'ask';
      readonly message: WorkerToShard<undefined>;
    });

/** From a parameter shard to a replica; parameters come as tensors in their order, then the rows wanted of each table. */
export type ShardToReplica = OfRun & {
  readonly kind: 'answer';
  readonly message: ShardToWorker<undefined>;
};
