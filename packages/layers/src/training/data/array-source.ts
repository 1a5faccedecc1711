import { GraphError, type HostTensor } from '@tenon/core';
import { RowBatches } from '@tenon/data';
import type { BatchSource, BatchSpecs, Pass } from '../data.js';
import { ArrayPass } from './array-pass.js';

export interface ArrayOptions {
  readonly batchSize: number;
  /** The seed of the order, or false for that of the arrays. */
  readonly shuffle: number | false;
  /** One for each example. */
  readonly weight?: HostTensor | undefined;
}

/** Arrays as batches, shuffled anew for each epoch. */
export class ArraySource implements BatchSource {
  readonly steps: number;
  readonly samples: number;
  readonly endless = false;
  private readonly columns: readonly HostTensor[];
  private readonly options: ArrayOptions;
  private readonly full: BatchSpecs;
  private readonly last: BatchSpecs;

  constructor(
    inputs: readonly HostTensor[],
    targets: readonly HostTensor[],
    options: ArrayOptions,
  ) {
    const samples = inputs[0]?.shape[0] ?? 0;
    if (samples === 0) throw noExamples('the arrays hold no examples.');
    const { batchSize, weight } = options;
    this.columns = [...inputs, ...targets, ...(weight ? [weight] : [])];
    for (const column of this.columns) checkRows(column, samples);
    this.samples = samples;
    this.steps = Math.ceil(samples / batchSize);
    this.options = options;
    const specs = (rows: number): BatchSpecs => ({
      inputs: inputs.map((column) => rowsOf(column, rows)),
      targets: targets.map((column) => rowsOf(column, rows)),
      weighted: weight !== undefined,
    });
    this.full = specs(Math.min(batchSize, samples));
    const rest = samples % batchSize;
    this.last = rest === 0 ? this.full : specs(rest);
  }

  pass(epoch: number): Pass {
    const { batchSize, shuffle } = this.options;
    const rows = new RowBatches(this.columns, { batchSize, shuffle, epoch });
    return new ArrayPass(rows, this.full, this.last);
  }
}

const rowsOf = ({ dtype, shape }: HostTensor, rows: number) => ({
  dtype,
  shape: [rows, ...shape.slice(1)],
});

function checkRows(column: HostTensor, samples: number): void {
  if (column.shape[0] === samples) return;
  throw new GraphError('FEED_INVALID', 'fit', {
    what: `inputs, targets and weights must have the same number of examples; found ${samples} and ${column.shape[0]}.`,
    given: { data: column },
  });
}

/** Nothing to learn from or to measure. */
export const noExamples = (what: string): GraphError =>
  new GraphError('FEED_INVALID', 'fit', { what, fix: 'give at least one example.' });
