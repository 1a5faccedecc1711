import type { Commit, CommitAnswer, Update } from '../commit.js';

/** Where a worker's next step belongs. */
export interface Place {
  readonly group: number;
  readonly round: number;
  /** Whether others of the group must see the same parameters, so that shards keep them for the round. */
  readonly shared: boolean;
}

/** A group has gone on to a round: its waiters wake, and work on earlier rounds is cancelled. */
export interface Advance {
  readonly group: number;
  readonly round: number;
  readonly version: number;
  /** Workers of the group that hold a lease. */
  readonly workers: readonly number[];
}

/** What follows from a commit, or from the end of the data. */
export interface Outcome {
  /** An update that the shards are to apply now. */
  readonly update?: Update;
  /** Workers whose step can no longer count. */
  readonly cancel: readonly number[];
  /** Commits that had joined and were dropped with their round. */
  readonly refused?: readonly Commit[];
  /** A round that ended without an update. */
  readonly advance?: Advance;
}

/** The answer to a commit and what follows from it. */
export interface Decision extends Outcome {
  readonly answer: CommitAnswer;
}

/** Saved state of a protocol as plain JSON; each protocol has its own fields. */
export type ProtocolState = Readonly<Record<string, unknown>>;

/**
 * Which gradients become updates: synchronous, asynchronous or hybrid. A machine without input or output; time and
 * messages are arguments, decisions are values.
 */
export interface UpdateProtocol {
  /** Updates decided so far; the next one is applied to this version. */
  readonly version: number;
  /** Commits that came too late and were dropped. */
  readonly dropped: number;
  /** A worker enters, or enters again; false where a newer incarnation has been seen. */
  join(worker: number, incarnation: number, now: number): boolean;
  /** False where the incarnation holds no lease. */
  renew(worker: number, incarnation: number, now: number): boolean;
  leave(worker: number, incarnation: number): boolean;
  /** Workers whose leases have run out. */
  expire(now: number): number[];
  /** Undefined while the worker has to wait. */
  place(worker: number): Place | undefined;
  commit(commit: Commit, now: number): Decision;
  /** The answer that a push has had already. */
  answered(commit: Commit): CommitAnswer | undefined;
  /** Drops a push for a reason of the caller's. */
  refuse(commit: Commit): CommitAnswer;
  /** The parameters of a round are too old at a shard: what ends the round, if it has not ended. */
  overtaken(place: Place): Outcome | undefined;
  /** No more data will come: sets that are not complete are closed as they are. */
  flush(): Outcome[];
  /** To be called every now and then: workers move between groups where that lets more of them go on. */
  regroup(): Outcome[];
  /** Every shard has acknowledged the update. */
  applied(update: Update): Advance;
  state(): ProtocolState;
  restore(state: ProtocolState, now: number): void;
  /** Back to a version, after a parameter shard was lost; leases stay. */
  rewind(version: number, rounds: readonly (readonly [group: number, round: number])[]): void;
  /** The round of each group. */
  rounds(): readonly (readonly [group: number, round: number])[];
}
