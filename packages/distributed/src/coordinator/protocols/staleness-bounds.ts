import { checkCount } from './check-count.js';

export interface StalenessOptions {
  /** tauMax: an update may be computed from parameters this many versions older than those it is applied to. */
  readonly maxStaleness: number;
  /** Scales the rate of an update by `1 / (1 + staleness)`. Off by default. */
  readonly rateScaling?: boolean;
  /** s: no logical worker is more than this many updates ahead of the slowest one alive. Unbounded by default. */
  readonly clockBound?: number;
}

export interface StalenessState {
  readonly version: number;
  readonly clocks: readonly (readonly [id: number, clock: number])[];
}

/**
 * The two bounds of asynchronous updates: `version - tag <= maxStaleness`, and clocks of logical workers at most
 * `clockBound` apart.
 * Source: Ho et al. 2013, "More Effective Distributed ML via a Stale Synchronous Parallel Parameter Server".
 */
export class StalenessBounds {
  readonly #options: StalenessOptions;
  readonly #clocks = new Map<number, number>();
  #version = 0;

  /** Errors: ATTRIBUTE_INVALID. */
  constructor(options: StalenessOptions) {
    const { maxStaleness, clockBound = 0 } = options;
    // A finite bound is also what lets a shard forget gradients that nobody will commit any more.
    checkCount('StalenessBounds', 'maxStaleness', maxStaleness, 0);
    checkCount('StalenessBounds', 'clockBound', clockBound, 0);
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  /** A logical worker takes part; a new one starts at the slowest clock, so that it holds back nobody. */
  enter(id: number): void {
    if (!this.#clocks.has(id)) this.#clocks.set(id, this.#slowest());
  }

  leave(id: number): void {
    this.#clocks.delete(id);
  }

  #slowest(): number {
    return this.#clocks.size === 0 ? 0 : Math.min(...this.#clocks.values());
  }

  /** Whether it has to wait for slower ones. */
  ahead(id: number): boolean {
    const { clockBound } = this.#options;
    if (clockBound === undefined) return false;
    return (this.#clocks.get(id) ?? this.#slowest()) - this.#slowest() > clockBound;
  }

  tooStale(tag: number): boolean {
    return this.#version - tag > this.#options.maxStaleness;
  }

  /** Gives the next version to an update that `tooStale` and `ahead` let pass. */
  admit(id: number, tag: number): { version: number; staleness: number; scale: number } {
    const version = this.#version++;
    const staleness = version - tag;
    this.enter(id);
    this.#clocks.set(id, (this.#clocks.get(id) ?? 0) + 1);
    return { version, staleness, scale: this.#options.rateScaling ? 1 / (1 + staleness) : 1 };
  }

  rewind(version: number): void {
    this.#version = version;
    for (const id of this.#clocks.keys()) this.#clocks.set(id, 0);
  }

  state(): StalenessState {
    return { version: this.#version, clocks: [...this.#clocks] };
  }

  restore({ version, clocks }: StalenessState): void {
    this.#version = version;
    this.#clocks.clear();
    for (const [id, clock] of clocks) this.#clocks.set(id, clock);
  }
}
