import { GraphError, type HostTensor } from '@tenon/core';
import { type Clock, systemClock, type Wait } from '../rendezvous/index.js';
import { within } from '../rendezvous/wait.js';
import { unavailable } from './failure.js';
import { landed } from './incoming-tensor.js';
import type { ReceiveRequest, TensorSource, Transport } from './transport.js';

/** Between workers of one thread: the value itself, without a copy; with `into` one. */
export class MemoryTransport implements Transport {
  private readonly sourceOf: (worker: string) => TensorSource | undefined;
  private readonly clock: Clock;
  private readonly open = new Set<AbortController>();
  private closed = false;

  constructor(sourceOf: (worker: string) => TensorSource | undefined, clock: Clock = systemClock) {
    this.sourceOf = sourceOf;
    this.clock = clock;
  }

  async receive({ worker, into, ...pull }: ReceiveRequest): Promise<HostTensor> {
    const closed = () => unavailable(worker, 'is not asked any more: the transport was closed.');
    if (this.closed) throw closed();
    const source = this.sourceOf(worker);
    if (!source) {
      throw new GraphError('NAME_UNKNOWN', 'receive', {
        what: `there is no worker ${worker} in this process.`,
      });
    }
    // Not AbortSignal.any: signals that live long would keep every pull in memory.
    const abort = new AbortController();
    const cancel = () => abort.abort(pull.signal?.reason);
    this.open.add(abort);
    if (pull.signal?.aborted) cancel();
    pull.signal?.addEventListener('abort', cancel, { once: true });
    const wait: Wait = { deadline: pull.deadline, signal: abort.signal };
    try {
      const taken = source.take({ ...pull, ...wait });
      const { value } = await within(taken, { ...wait, worker, key: pull.key }, this.clock);
      return landed(value, into);
    } catch (error) {
      throw this.closed ? closed() : error;
    } finally {
      pull.signal?.removeEventListener('abort', cancel);
      this.open.delete(abort);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const abort of this.open) abort.abort();
  }
}
