import type { Batch, BatchSource, Pass } from './data.js';

/** Batches epoch by epoch; with a number of steps, an epoch goes on where the one before stopped. */
export class EpochBatches {
  private readonly source: BatchSource;
  private readonly steps: number | undefined;
  private open: Pass | undefined;
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

  of(epoch: number): Pass {
    const { steps } = this;
    if (steps === undefined) return this.source.pass(epoch);
    return limited({ next: () => this.next(), close: () => {} }, steps);
  }

  /** Lets the source go, files and all. */
  async close(): Promise<void> {
    await this.open?.close();
  }

  private next(): ReturnType<Pass['next']> {
    const found = this.open?.next();
    if (found instanceof Promise) return found.then((batch) => batch ?? this.restarted());
    return found ?? this.restarted();
  }

  private restarted(): ReturnType<Pass['next']> {
    this.open = this.source.pass(this.passes++);
    return this.skip > 0 ? this.skipped(this.open) : this.open.next();
  }

  private async skipped(pass: Pass): Promise<Batch | undefined> {
    for (; this.skip > 0; this.skip--) await pass.next();
    return pass.next();
  }
}

/** The first batches of a pass. */
export function limited(pass: Pass, steps: number): Pass {
  let left = steps;
  return {
    next: () => (left-- > 0 ? pass.next() : undefined),
    close: () => pass.close(),
  };
}
