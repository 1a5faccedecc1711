import { GraphError, HostTensor } from '@tenon/core';
import { batches } from '@tenon/data';
import type { Batch, BatchSource } from '../data.js';

/** Arrays as batches, shuffled anew for each epoch. */
export class ArraySource implements BatchSource {
  readonly steps: number;
  readonly samples: number;
  readonly endless = false;
  private readonly columns: readonly HostTensor[];
  private readonly inputs: number;
  private readonly options: { batchSize: number; shuffle: number | false };

  constructor(
    inputs: readonly HostTensor[],
    targets: readonly HostTensor[],
    options: { batchSize: number; shuffle: number | false; weight?: HostTensor | undefined },
  ) {
    const samples = inputs[0]?.shape[0] ?? 0;
    if (samples === 0) throw noExamples('the arrays hold no examples.');
    const weight = options.weight ?? new HostTensor(new Float32Array(samples).fill(1), [samples]);
    this.columns = [...inputs, ...targets, weight];
    for (const column of this.columns) checkRows(column, samples);
    this.inputs = inputs.length;
    this.samples = samples;
    this.steps = Math.ceil(samples / options.batchSize);
    this.options = options;
  }

  *epoch(epoch: number): Iterable<Batch> {
    const { batchSize, shuffle } = this.options;
    for (const rows of batches(this.columns, { batchSize, shuffle, epoch })) {
      const weight = rows.at(-1) as HostTensor;
      yield {
        inputs: rows.slice(0, this.inputs),
        targets: rows.slice(this.inputs, -1),
        weight,
        size: weight.size,
      };
    }
  }
}

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
