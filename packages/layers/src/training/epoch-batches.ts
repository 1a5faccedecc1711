import type { Batch, BatchSource, Pass } from './data.js';
import type { TrainingPosition } from './resume-point.js';

export interface EpochBatchesOptions {
  /** Batches of an epoch; all of a pass when left out. */
  readonly steps: number | undefined;
  /** The epoch with which a source of unknown length begins. */
  readonly initialEpoch: number;
  /** What comes first; what was before it is left out. */
  readonly from: TrainingPosition;
}

/** Batches epoch by epoch; with a number of steps, an epoch goes on where the one before stopped. */
export class EpochBatches {
  private readonly source: BatchSource;
  private readonly options: EpochBatchesOptions;
  private open: Pass | undefined;
  private passes = 0;
  /** Batches of the passes that were taken before the first one. */
  private skip = 0;

  constructor(source: BatchSource, options: EpochBatchesOptions) {
    const { steps, initialEpoch, from } = options;
    this.source = source;
    this.options = options;
    if (steps === undefined) return;
    if (source.steps === null) {
      this.skip = (from.epoch - initialEpoch) * steps + from.batches;
      return;
    }
    const before = from.epoch * steps + from.batches;
    this.passes = Math.floor(before / source.steps);
    this.skip = before % source.steps;
  }

  of(epoch: number): Pass {
    const { steps, from } = this.options;
    const done = epoch === from.epoch ? from.batches : 0;
    if (steps === undefined) return without(this.source.pass(epoch), done);
    return limited({ next: () => this.next(), close: () => {} }, steps - done);
  }

  /** Lets the source go, files and all. */
  async close(): Promise<void> {
    await this.open?.close();
  }

  private next(): ReturnType<Pass['next']> {
    return this.skip > 0 ? this.skipped() : this.following();
  }

  private following(): ReturnType<Pass['next']> {
    const found = this.open?.next();
    if (found instanceof Promise) return found.then((batch) => batch ?? this.restarted());
    return found ?? this.restarted();
  }

  private restarted(): ReturnType<Pass['next']> {
    this.open = this.source.pass(this.passes++);
    return this.open.next();
  }

  private async skipped(): Promise<Batch | undefined> {
    for (; this.skip > 0; this.skip--) await this.following();
    return this.following();
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

/** A pass without its first batches. */
function without(pass: Pass, count: number): Pass {
  if (count === 0) return pass;
  let left = count;
  const skipped = async () => {
    for (; left > 0; left--) await pass.next();
    return pass.next();
  };
  return {
    next: () => (left > 0 ? skipped() : pass.next()),
    close: () => pass.close(),
  };
}
