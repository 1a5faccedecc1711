import { GraphError, parseOptions } from '@tenon/core';
import { z } from 'zod';
import type { BatchLedger, BatchLedgerState } from './batch-ledger.js';
import type { Batch } from './commit.js';

interface Entry {
  readonly batch: Batch;
  holder?: number | undefined;
  /** It has joined a set. */
  held?: boolean;
  /** Another worker has got it too, because its holder was slow. */
  taken?: boolean;
}

const stateSchema = z.strictObject({
  applied: z.int().min(0),
  /** First examples of the batches that are not applied yet. */
  left: z.array(z.int().min(0)),
  /** Examples that were offered. */
  offered: z.int().min(0),
});

/**
 * Batches of one epoch in the order in which they are offered, each given to the next worker that asks. Near the end of the epoch
 * what a slow worker holds is given to an idle one too; the first commit counts.
 */
export class BatchQueue implements BatchLedger {
  readonly #epoch: number;
  /** All batches since the last checkpoint that `forget` was told of. */
  readonly #offered = new Map<number, Batch>();
  #left = new Map<number, Entry>();
  /** First examples of the batches that `cut` has taken back; earlier states still name them. */
  readonly #takenBack = new Set<number>();
  #examples = 0;
  #applied = 0;
  #ended = false;

  constructor(epoch = 0) {
    this.#epoch = epoch;
  }

  /** Adds a batch of some examples at the end. Errors: STATE_INVALID after `end`. */
  offer(examples: number): Batch {
    if (this.#ended) {
      throw new GraphError('STATE_INVALID', 'BatchQueue', { what: 'the epoch has ended.' });
    }
    const from = this.#examples;
    this.#examples += examples;
    const batch: Batch = { shard: 0, epoch: this.#epoch, from, to: this.#examples };
    this.#offered.set(from, batch);
    this.#left.set(from, { batch });
    return batch;
  }

  /** Takes back what nobody has begun, and ends the epoch. */
  cut(): void {
    for (const [from, { holder, held }] of this.#left) {
      if (holder !== undefined || held) continue;
      this.#left.delete(from);
      this.#offered.delete(from);
      this.#takenBack.add(from);
    }
    this.end();
  }

  /** Nothing more will be offered. */
  end(): void {
    this.#ended = true;
  }

  get applied(): number {
    return this.#applied;
  }

  /** Batches that nobody has got yet. */
  get free(): number {
    return this.#entries().filter(({ holder, held }) => holder === undefined && !held).length;
  }

  /** Whether every batch of the epoch is applied. */
  get done(): boolean {
    return this.#ended && this.#left.size === 0;
  }

  get exhausted(): boolean {
    return this.#ended && this.#left.size > 0 && this.#entries().every(({ held }) => held);
  }

  #entries(): Entry[] {
    return [...this.#left.values()];
  }

  acquire(worker: number): Batch | undefined {
    const entries = this.#entries().filter(({ held }) => !held);
    const entry =
      entries.find(({ holder }) => holder === worker) ??
      entries.find(({ holder }) => holder === undefined) ??
      (this.#ended ? entries.find(({ taken }) => !taken) : undefined);
    if (!entry) return undefined;
    if (entry.holder !== undefined && entry.holder !== worker) entry.taken = true;
    entry.holder = worker;
    return entry.batch;
  }

  current({ from, epoch }: Batch, worker: number): boolean {
    const entry = this.#left.get(from);
    if (!entry || entry.held || epoch !== this.#epoch) return false;
    return entry.taken === true || (entry.holder ?? worker) === worker;
  }

  hold({ from }: Batch, worker: number): void {
    const entry = this.#left.get(from) as Entry;
    entry.holder = worker;
    entry.held = true;
    // An answer that came late may have given it another one too, on which it does not work.
    this.release(worker);
  }

  drop({ from }: Batch): void {
    const entry = this.#left.get(from);
    if (entry) entry.held = false;
  }

  apply({ from, to }: Batch): void {
    if (this.#left.delete(from)) this.#applied += to - from;
  }

  release(worker: number): void {
    for (const entry of this.#left.values()) {
      if (entry.holder !== worker || entry.held) continue;
      entry.holder = undefined;
      entry.taken = false;
    }
  }

  state(): BatchLedgerState {
    return { applied: this.#applied, left: [...this.#left.keys()], offered: this.#examples };
  }

  checkpoint(): BatchLedgerState {
    return this.state();
  }

  /** Forgets batches that a checkpoint has in its parameters; gives those that are still needed, by their first example. */
  forget(checkpoint: BatchLedgerState): ReadonlySet<number> {
    const { left, offered } = parseOptions('BatchQueue', stateSchema, checkpoint);
    const open = new Set(left);
    for (const from of this.#offered.keys())
      if (from < offered && !open.has(from)) this.#offered.delete(from);
    return new Set(this.#offered.keys());
  }

  restore(state: BatchLedgerState): void {
    const { applied, left, offered } = parseOptions('BatchQueue', stateSchema, state);
    const open = new Set(left.filter((from) => !this.#takenBack.has(from)));
    const again = [...this.#offered.values()].filter(
      ({ from }) => from >= offered || open.has(from),
    );
    if ([...open].some((from) => !this.#offered.has(from))) {
      throw new GraphError('FORMAT_INVALID', 'BatchQueue.restore', {
        what: 'the state names batches that were not offered.',
        fix: 'offer the batches of the epoch first.',
      });
    }
    this.#applied = applied;
    this.#left = new Map(again.map((batch) => [batch.from, { batch }]));
  }
}
