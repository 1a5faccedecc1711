import type { Update } from '../coordinator/commit.js';
import type { Observer } from '../simulate/processes/observer.js';
import type { VirtualClock } from '../simulate/virtual-clock.js';

/** Notes when updates have been applied, and which shards have their parameters. */
export class UpdateTimes implements Observer<number> {
  readonly #clock: VirtualClock;
  readonly #last = new Map<number, number>();
  readonly #restored = new Set<number>();
  /** Time since the last update of the same group, or worker where updates are asynchronous. */
  intervals: number[] = [];
  updates = 0;
  examples = 0;
  /** Gradients that updates were made of. */
  members = 0;
  staleness = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Whether the shards have got their parameters. */
  ready(shards: number): boolean {
    return this.#restored.size === shards;
  }

  /** Forgets what was counted. */
  reset(): void {
    this.intervals = [];
    this.updates = 0;
    this.examples = 0;
    this.members = 0;
    this.staleness = 0;
  }

  applied({ group, examples, members, staleness }: Update): void {
    const { now } = this.#clock;
    const last = this.#last.get(group);
    if (last !== undefined) this.intervals.push(now - last);
    this.#last.set(group, now);
    this.updates++;
    this.examples += examples;
    this.members += members.length;
    this.staleness += staleness;
  }

  rewound(): void {
    this.#restored.clear();
  }

  shardRestored(shard: number): void {
    this.#restored.add(shard);
  }

  // Counted when they are applied.
  decided(): void {}

  shardApplied(): void {}
}
