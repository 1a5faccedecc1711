import { type BoundRun, dtypes, HostTensor, type KnownSpec } from '@tenon/core';
import type { RowBatches } from '@tenon/data';
import type { Batch, BatchSpecs, Pass } from '../data.js';

/** One pass over arrays. It is itself the batch that it stands on, so that a step makes no object. */
export class ArrayPass implements Pass, Batch {
  specs: BatchSpecs;
  size = 0;
  private readonly rows: RowBatches;
  private readonly last: BatchSpecs;

  /** `last` are the specs of a last batch that is smaller than the others, else `full`. */
  constructor(rows: RowBatches, full: BatchSpecs, last: BatchSpecs) {
    this.rows = rows;
    this.last = last;
    this.specs = full;
  }

  next(): Batch | undefined {
    const { rows } = this;
    if (!rows.advance()) return undefined;
    if (this.size > rows.size) this.specs = this.last;
    this.size = rows.size;
    return this;
  }

  close(): void {}

  values(): HostTensor[] {
    const { inputs, targets } = this.specs;
    return this.rows.columns.map((column, i) => {
      const { dtype, shape } = [...inputs, ...targets][i] ?? column;
      const sizes = [this.size, ...shape.slice(1)];
      const data = new dtypes[dtype].host(sizes.reduce((product, size) => product * size, 1));
      this.rows.copy(i, data);
      return new HostTensor(data, sizes, dtype);
    });
  }

  write(run: BoundRun): void {
    const { rows } = this;
    for (let i = 0; i < rows.columns.length; i++) {
      const memory = run.input(i);
      if (memory) rows.copy(i, memory);
      else this.hand(i, run);
    }
  }

  /** Where the memory of the device is out of reach, values pass through host memory. */
  private hand(index: number, run: BoundRun): void {
    const { dtype, shape } = run.inputs[index] as KnownSpec;
    const data = new dtypes[dtype].host(shape.reduce((product, size) => product * size, 1));
    this.rows.copy(index, data);
    run.write(index, new HostTensor(data, shape, dtype));
  }
}
