import { GraphError } from '@tenon/core';

export interface Lease {
  readonly incarnation: number;
  /** Time at which it ends unless renewed. */
  readonly expiry: number;
}

export interface LeasesState {
  readonly held: readonly (readonly [worker: number, lease: Lease])[];
  readonly newest: readonly (readonly [worker: number, incarnation: number])[];
}

/** Who takes part: worker -> incarnation and expiry. A worker's newer incarnation ends the older one's lease. */
export class Leases {
  readonly #duration: number;
  readonly #held = new Map<number, Lease>();
  readonly #newest = new Map<number, number>();

  /** `duration` is in the unit of every `now`. Errors: ATTRIBUTE_INVALID. */
  constructor(duration: number) {
    if (!(duration > 0 && Number.isFinite(duration))) {
      throw new GraphError('ATTRIBUTE_INVALID', 'Leases', {
        what: `the duration of a lease is ${duration}.`,
        fix: 'give a finite time above 0.',
      });
    }
    this.#duration = duration;
  }

  /** Grants a lease; false where a newer incarnation of the worker has been seen. */
  join(worker: number, incarnation: number, now: number): boolean {
    if (incarnation < (this.#newest.get(worker) ?? Number.NEGATIVE_INFINITY)) return false;
    this.#newest.set(worker, incarnation);
    this.#held.set(worker, { incarnation, expiry: now + this.#duration });
    return true;
  }

  /** Extends the lease; false where this incarnation holds none, or it has run out. */
  renew(worker: number, incarnation: number, now: number): boolean {
    const lease = this.#held.get(worker);
    if (lease?.incarnation !== incarnation || lease.expiry <= now) return false;
    this.#held.set(worker, { incarnation, expiry: now + this.#duration });
    return true;
  }

  leave(worker: number, incarnation: number): boolean {
    return this.#held.get(worker)?.incarnation === incarnation && this.#held.delete(worker);
  }

  /** Ends the lease of a worker, which may join again. */
  end(worker: number): void {
    this.#held.delete(worker);
  }

  /** Ends the leases that have run out and names their workers. */
  expire(now: number): number[] {
    const ended = [...this.#held].filter(([, { expiry }]) => expiry <= now).map(([id]) => id);
    for (const worker of ended) this.#held.delete(worker);
    return ended;
  }

  /** Workers with a lease, in the order of their ids. */
  workers(): number[] {
    return [...this.#held.keys()].sort((a, b) => a - b);
  }

  has(worker: number): boolean {
    return this.#held.has(worker);
  }

  state(): LeasesState {
    return { held: [...this.#held], newest: [...this.#newest] };
  }

  /** Takes a saved state; each lease starts anew at `now`, since clocks of two processes do not compare. */
  restore({ held, newest }: LeasesState, now: number): void {
    this.#held.clear();
    this.#newest.clear();
    for (const [worker, { incarnation }] of held) {
      this.#held.set(worker, { incarnation, expiry: now + this.#duration });
    }
    for (const [worker, incarnation] of newest) this.#newest.set(worker, incarnation);
  }
}
