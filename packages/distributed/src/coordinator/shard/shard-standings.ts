import type { FromShard } from '../messages.js';

type Hello = FromShard & { readonly kind: 'hello' };
type Restored = FromShard & { readonly kind: 'restored' };

/** What a coordinator saves of a shard. */
export interface ShardStanding {
  readonly incarnation: number;
  readonly restored: boolean;
}

/** Which incarnation of each parameter shard lives, and whether it has the parameters of this generation. */
export class ShardStandings {
  #shards: { incarnation: number; restored: boolean }[];
  /**
   * Whether this generation began here: then nobody can have worked in it before all shards were restored. A coordinator that
   * was restarted does not know.
   */
  #own = false;

  constructor(count: number) {
    const incarnation = Number.NEGATIVE_INFINITY;
    this.#shards = Array.from({ length: count }, () => ({ incarnation, restored: false }));
  }

  get recovering(): boolean {
    return this.#shards.some(({ restored }) => !restored);
  }

  has(shard: number): boolean {
    return shard in this.#shards;
  }

  isRestored(shard: number): boolean {
    return this.#shards[shard]?.restored ?? false;
  }

  /**
   * A shard has no parameters. `lost`: it had them, or may have had; `waits`: it has not been restored yet, and takes part in
   * the recovery that is under way; `late`: the message is of the past.
   */
  hello({ shard, incarnation }: Hello): 'lost' | 'waits' | 'late' {
    const known = this.#shards[shard];
    if (!known || incarnation < known.incarnation) return 'late';
    const lives = incarnation === known.incarnation;
    if (lives && known.restored) return 'late';
    known.incarnation = incarnation;
    return known.restored || !(lives || this.#own) ? 'lost' : 'waits';
  }

  /** Whether it is the shard that lives which has its parameters now. */
  restored({ shard, incarnation }: Restored): boolean {
    const known = this.#shards[shard];
    if (!known || incarnation < known.incarnation) return false;
    this.#shards[shard] = { incarnation, restored: true };
    return true;
  }

  /** All shards are to load their parameters again. */
  rewind(): void {
    for (const shard of this.#shards) shard.restored = false;
    this.#own = true;
  }

  state(): ShardStanding[] {
    return this.#shards.map(({ incarnation, restored }) => ({
      // JSON has no infinity; a shard that was never heard of is older than all.
      incarnation: Number.isFinite(incarnation) ? incarnation : -1,
      restored,
    }));
  }

  restore(state: readonly ShardStanding[]): void {
    this.#shards = state.map((shard) => ({ ...shard }));
    this.#own = false;
  }
}
