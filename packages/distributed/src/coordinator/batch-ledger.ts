import type { Batch } from './commit.js';

/** Saved state of a ledger as plain JSON; each ledger has its own fields. */
export type BatchLedgerState = Readonly<Record<string, unknown>>;

/** Which examples were given to whom and which are in the parameters: a dropped batch comes again, none is applied twice. */
export interface BatchLedger {
  /** Examples applied since the start. */
  readonly applied: number;
  /** Whether nothing is left but batches that have joined sets: sets that wait for more wait in vain. */
  readonly exhausted: boolean;
  /** The worker's next batch, the same until it is applied; undefined where there is none for it now. */
  acquire(worker: number): Batch | undefined;
  /** Whether a batch may be committed by a worker. */
  current(batch: Batch, worker: number): boolean;
  /** The batch is part of an update that may be applied. */
  hold(batch: Batch, worker: number): void;
  /** The batch was dropped; it comes again. */
  drop(batch: Batch): void;
  /** The batch is in the parameters. */
  apply(batch: Batch): void;
  /** The worker is gone; others may take what it had. */
  release(worker: number): void;
  state(): BatchLedgerState;
  /** What a checkpoint of the present parameters has to keep: who holds what is none of it. */
  checkpoint(): BatchLedgerState;
  /** Errors: FORMAT_INVALID where the state is of another data set. */
  restore(state: BatchLedgerState): void;
}
