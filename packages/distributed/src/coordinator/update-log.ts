import type { Update } from './commit.js';

export interface UpdateLogState {
  readonly applied: number;
  readonly updates: readonly Update[];
}

/** Updates that not every shard has acknowledged yet, in the order of their versions. */
export class UpdateLog {
  #applied = 0;
  #updates: Update[] = [];
  readonly #acknowledged: number[];

  constructor(shards: number) {
    this.#acknowledged = Array.from({ length: shards }, () => 0);
  }

  /** Updates that every shard has applied. */
  get applied(): number {
    return this.#applied;
  }

  append(update: Update): void {
    this.#updates.push(update);
  }

  /** What a shard has not acknowledged. */
  pending(shard: number): readonly Update[] {
    const done = this.#acknowledged[shard] ?? 0;
    return this.#updates.filter(({ version }) => version >= done);
  }

  /** Notes that a shard is at a version; gives the updates that every shard has applied now, oldest first. */
  acknowledge(shard: number, version: number): Update[] {
    this.#acknowledged[shard] = Math.max(this.#acknowledged[shard] ?? 0, version);
    const least = Math.min(...this.#acknowledged);
    const done = this.#updates.filter((update) => update.version < least);
    this.#updates = this.#updates.filter((update) => update.version >= least);
    this.#applied += done.length;
    return done;
  }

  rewind(version: number): void {
    this.#updates = [];
    this.#applied = version;
    this.#acknowledged.fill(version);
  }

  state(): UpdateLogState {
    return { applied: this.#applied, updates: [...this.#updates] };
  }

  restore({ applied, updates }: UpdateLogState): void {
    this.rewind(applied);
    this.#updates = [...updates];
  }
}
