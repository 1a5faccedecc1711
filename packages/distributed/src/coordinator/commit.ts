/** A piece of a data set: examples `from` (inclusive) to `to` (exclusive) of one data shard in one pass over it. */
export interface Batch {
  readonly shard: number;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

/** What a worker says once every parameter shard holds its gradients. */
export interface Commit {
  readonly worker: number;
  /** Grows with each start of the worker's process. */
  readonly incarnation: number;
  /** Counts the pushes of one incarnation; a retried message repeats it. */
  readonly push: number;
  /** The group that it worked in, which may have another worker since. */
  readonly group?: number;
  /** The round of the worker's group that it worked in; with one group the same as `tag`. */
  readonly round: number;
  /** The version of the parameters that the gradients were computed from. */
  readonly tag: number;
  readonly examples: number;
  /** The version that each parameter shard answered; the tag is the least of them. */
  readonly seen?: readonly number[];
  readonly batch?: Batch;
}

/**
 * The answer to a commit. `JOINED`: the gradients are, or will be, part of an update. `STALE`: dropped, pull again.
 * `ABORTED`: the incarnation holds no lease, join again. `FAILED_PRECONDITION`: too early, wait and try again.
 */
export interface CommitAnswer {
  readonly code: 'JOINED' | 'STALE' | 'ABORTED' | 'FAILED_PRECONDITION';
  /** The version of the protocol when the answer was given. */
  readonly version: number;
}

/** One update of all parameters: which gradients make it, and how they count. */
export interface Update {
  /** The version it is applied to; it makes `version + 1`. */
  readonly version: number;
  readonly group: number;
  readonly round: number;
  /** In the order of their data, or else of worker ids: the order of reduction. */
  readonly members: readonly Commit[];
  readonly examples: number;
  /** `version - tag` of its members. */
  readonly staleness: number;
  /** Factor of the learning rate. */
  readonly scale: number;
}

/** Identifies the gradients of one push at the parameter shards. */
export function pushKey({
  worker,
  incarnation,
  push,
}: Pick<Commit, 'worker' | 'incarnation' | 'push'>): string {
  return `${worker}.${incarnation}.${push}`;
}

/** In the order of their data, so that a sum has the same bits whoever computed its parts. */
export function inOrderOfData(a: Commit, b: Commit): number {
  const [one, other] = [a.batch, b.batch];
  return (
    (one?.epoch ?? 0) - (other?.epoch ?? 0) ||
    (one?.from ?? 0) - (other?.from ?? 0) ||
    (one?.shard ?? 0) - (other?.shard ?? 0) ||
    a.worker - b.worker
  );
}
