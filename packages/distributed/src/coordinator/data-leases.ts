import { GraphError, parseOptions } from '@tenon/core';
import { z } from 'zod';
import type { BatchLedger, BatchLedgerState } from './batch-ledger.js';
import type { Batch } from './commit.js';

export interface DataLeasesOptions {
  /** Examples of each data shard. */
  readonly sizes: readonly number[];
  readonly batchSize: number;
}

interface Piece {
  readonly epoch: number;
  /** Examples of this epoch that have been applied. */
  readonly cursor: number;
  readonly holder?: number;
  /** Its batch is part of an update that is underway, so nobody else may get it. */
  readonly busy?: boolean;
  /** It was taken from a slow worker; not again before it moves, or workers would take it from each other for ever. */
  readonly taken?: boolean;
}

const count = z.int().min(0);
const stateSchema = z.object({
  pieces: z.array(
    z.object({
      epoch: count,
      cursor: count,
      holder: count.optional(),
      busy: z.boolean().optional(),
      taken: z.boolean().optional(),
    }),
  ),
  applied: count,
});

/** A holder may be this many epochs behind the furthest shard before its shard is given to another worker. */
const epochsBehind = 1;

/**
 * Shards of a data set, each leased to one worker with a cursor that moves only when a batch is applied: a dropped
 * batch comes again, no batch is lost, and none is applied twice in an epoch.
 */
export class DataLeases implements BatchLedger {
  readonly #options: DataLeasesOptions;
  #pieces: Piece[];
  #applied = 0;

  /** Errors: ATTRIBUTE_INVALID. */
  constructor(options: DataLeasesOptions) {
    const { sizes, batchSize } = options;
    const whole = [...sizes, batchSize].every((n) => Number.isSafeInteger(n) && n > 0);
    if (!whole || sizes.length === 0) {
      throw new GraphError('ATTRIBUTE_INVALID', 'DataLeases', {
        what: `the data shards have ${sizes.join(', ') || 'no'} examples, a batch has ${batchSize}.`,
        fix: 'give at least one shard; sizes are whole numbers above 0.',
      });
    }
    this.#options = options;
    this.#pieces = sizes.map(() => ({ epoch: 0, cursor: 0 }));
  }

  /** Examples applied since the start. */
  get applied(): number {
    return this.#applied;
  }

  /** The data begins again after its last example. */
  readonly exhausted = false;

  /** Passes over the whole data set that are complete. */
  get epoch(): number {
    return Math.min(...this.#pieces.map(({ epoch }) => epoch));
  }

  /** The worker's next batch, the same until it is applied; undefined where every shard is taken. */
  acquire(worker: number): Batch | undefined {
    const held = this.#pieces.findIndex(({ holder }) => holder === worker);
    const shard = held >= 0 ? held : this.#free();
    if (shard < 0) return undefined;
    const piece = this.#pieces[shard] as Piece;
    if (piece.busy) return undefined;
    const taken = held < 0 && piece.holder !== undefined;
    this.#pieces[shard] = { ...piece, holder: worker, ...(taken && { taken }) };
    return this.#batch(shard);
  }

  /** The shard that is least far: free ones first, then one whose holder is too slow. */
  #free(): number {
    const furthest = Math.max(...this.#pieces.map(({ epoch }) => epoch));
    const free = this.#least(({ holder, busy }) => holder === undefined && !busy);
    const slow = this.#least(
      ({ epoch, busy, taken }) => furthest - epoch > epochsBehind && !busy && !taken,
    );
    if (free < 0 || slow < 0) return Math.max(free, slow);
    return this.#place(slow) < this.#place(free) ? slow : free;
  }

  #least(fits: (piece: Piece) => boolean): number {
    const order = (a: number, b: number): number => this.#place(a) - this.#place(b);
    const found = [...this.#pieces.keys()].filter((shard) => fits(this.#pieces[shard] as Piece));
    return found.sort(order)[0] ?? -1;
  }

  #place(shard: number): number {
    const { epoch, cursor } = this.#pieces[shard] as Piece;
    return epoch + cursor / (this.#options.sizes[shard] as number);
  }

  #batch(shard: number): Batch {
    const { epoch, cursor } = this.#pieces[shard] as Piece;
    const size = this.#options.sizes[shard] as number;
    return { shard, epoch, from: cursor, to: Math.min(cursor + this.#options.batchSize, size) };
  }

  /** Whether a batch is the next of its shard, and nobody else's. */
  current(batch: Batch, worker: number): boolean {
    const piece = this.#pieces[batch.shard];
    if (!piece || piece.busy || (piece.holder ?? worker) !== worker) return false;
    const { epoch, from, to } = this.#batch(batch.shard);
    return batch.epoch === epoch && batch.from === from && batch.to === to;
  }

  /** The batch is part of an update that may be applied. */
  hold({ shard }: Batch, worker: number): void {
    this.#pieces[shard] = { ...(this.#pieces[shard] as Piece), holder: worker, busy: true };
  }

  /** The batch was dropped; it comes again. */
  drop({ shard }: Batch): void {
    const { busy: _, ...piece } = this.#pieces[shard] as Piece;
    this.#pieces[shard] = piece;
  }

  /** The batch is in the parameters: the cursor moves, and its examples count. */
  apply({ shard, from, to }: Batch): void {
    const { busy: _, taken: __, ...piece } = this.#pieces[shard] as Piece;
    const ended = to === this.#options.sizes[shard];
    this.#applied += to - from;
    this.#pieces[shard] = ended ? { epoch: piece.epoch + 1, cursor: 0 } : { ...piece, cursor: to };
  }

  /** The worker is gone; others may take what it held. */
  release(worker: number): void {
    this.#pieces = this.#pieces.map((piece) => {
      const { holder, taken: _, ...rest } = piece;
      return holder === worker ? rest : piece;
    });
  }

  state(): BatchLedgerState {
    return { pieces: this.#pieces.map((piece) => ({ ...piece })), applied: this.#applied };
  }

  /** Where the data set continues from a checkpoint: cursors without holders. */
  checkpoint(): BatchLedgerState {
    const pieces = this.#pieces.map(({ epoch, cursor }) => ({ epoch, cursor }));
    return { pieces, applied: this.#applied };
  }

  /** Errors: FORMAT_INVALID where the state is of another data set. */
  restore(state: BatchLedgerState): void {
    const { pieces, applied } = parseOptions('DataLeases', stateSchema, state);
    const { sizes } = this.#options;
    const fits = pieces.length === sizes.length;
    if (!fits || pieces.some(({ cursor }, shard) => cursor >= (sizes[shard] as number))) {
      throw new GraphError('FORMAT_INVALID', 'DataLeases.restore', {
        what: `the state has ${pieces.length} data shards that do not fit the ${sizes.length} of the data set.`,
        fix: 'restore with the data set that the state was saved with.',
      });
    }
    this.#pieces = pieces as Piece[];
    this.#applied = applied;
  }
}
