import { GraphError, type HostTensor } from '@tenon/core';
import type { PullRequest, Transport } from './transport.js';

/** What hands out the tensors of one worker. */
export interface TensorSource {
  pull(request: PullRequest): Promise<HostTensor>;
}

/** Pulls tensors from workers of the same process, without a copy. */
export class MemoryTransport implements Transport {
  private readonly sources: ReadonlyMap<string, TensorSource>;

  /** The workers by their names; they may come later. */
  constructor(sources: ReadonlyMap<string, TensorSource>) {
    this.sources = sources;
  }

  async receive(request: PullRequest): Promise<HostTensor> {
    const source = this.sources.get(request.worker);
    if (source) return source.pull(request);
    throw new GraphError('WORKER_LOST', request.worker, { what: 'it is not in this process.' });
  }

  close(): void {}
}
