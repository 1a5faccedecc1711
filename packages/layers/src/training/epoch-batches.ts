import type { Batch, BatchSource } from './data.js';

type Batches = AsyncIterator<Batch> | Iterator<Batch>;

/** Batches epoch by epoch; with a number of steps, an epoch goes on where the one before stopped. */
export class EpochBatches {
  private readonly source: BatchSource;
  private readonly steps: number | undefined;
  private open: Batches | undefined;
  private passes = 0;
  /** Batches that the epochs before the first one took of its pass. */
  private skip = 0;

  constructor(
    source: BatchSource,
    { steps, initialEpoch }: { steps: number | undefined; initialEpoch: number },
  ) {
    this.source = source;
    this.steps = steps;
    if (steps === undefined || source.steps === null) return;
    const before = initialEpoch * steps;
    this.passes = Math.floor(before / source.steps);
    this.skip = before % source.steps;
  }

  async *of(epoch: number): AsyncIterable<Batch> {
    if (this.steps === undefined) {
      yield* this.source.epoch(epoch);
      return;
    }
    for (let step = 0; step < this.steps; step++) {
      const batch = (await this.next()) ?? (await this.restarted());
      if (!batch) return;
      yield batch;
    }
  }

  /** Lets the source go, files and all. */
  async close(): Promise<void> {
    await this.open?.return?.();
  }

  private async next(): Promise<Batch | undefined> {
    const result = await this.open?.next();
    return result && !result.done ? result.value : undefined;
  }

  private async restarted(): Promise<Batch | undefined> {
    const pass = this.source.epoch(this.passes++);
    this.open =
      Symbol.asyncIterator in pass ? pass[Symbol.asyncIterator]() : pass[Symbol.iterator]();
    for (; this.skip > 0; this.skip--) await this.next();
    return this.next();
  }
}
