import type { Update } from '../../coordinator/commit.js';

/** Hears what coordinator and shards do, at the moment they do it. */
export interface Observer<P> {
  /** An update is on its way to a shard; said again when it is sent again. */
  decided(update: Update): void;
  /** The coordinator says that every shard has applied an update; after its restart it may say so again. */
  applied(update: Update): void;
  /** A recovery is decided: versions after this one are undone. */
  rewound(version: number): void;
  /** A shard has loaded the snapshot of a version. */
  shardRestored(shard: number, version: number): void;
  /** A shard has applied an update; `after` copies the parameters that it made. */
  shardApplied(shard: number, update: Update, after: () => P): void;
}
