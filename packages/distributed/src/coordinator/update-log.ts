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

  /** Notes that a shard is at a version. */
  acknowledge(shard: number, version: number): void {
    this.#acknowledged[shard] = Math.max(this.#acknowledged[shard] ?? 0, version);
  }

  /**
   * The oldest update that every shard has applied and that was not given yet. One at a time, so that what is saved
   * while it is dealt with knows nothing of those after it.
   */
  next(): Update | undefined {
    const [first] = this.#updates;
    if (!first || first.version >= Math.min(...this.#acknowledged)) return undefined;
    this.#applied++;
    return this.#updates.shift();
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
