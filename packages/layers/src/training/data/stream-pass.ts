import type { Batch, BatchSpecs, Pass } from '../data.js';
import { type Examples, hostBatch } from './host-batch.js';

/** One pass over a stream, each element of which is read as a batch. */
export class StreamPass implements Pass {
  private readonly elements: AsyncIterator<unknown>;
  private readonly read: (element: unknown) => Promise<Examples>;
  private specs: BatchSpecs | undefined;

  constructor(elements: AsyncIterator<unknown>, read: (element: unknown) => Promise<Examples>) {
    this.elements = elements;
    this.read = read;
  }

  async next(): Promise<Batch | undefined> {
    const { done, value } = await this.elements.next();
    if (done) return undefined;
    const batch = hostBatch(await this.read(value), this.specs);
    this.specs = batch.specs;
    return batch;
  }

  async close(): Promise<void> {
    await this.elements.return?.();
  }
}
