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
  private readonly closing = new AbortController();

  constructor(sourceOf: (worker: string) => TensorSource | undefined, clock: Clock = systemClock) {
    this.sourceOf = sourceOf;
    this.clock = clock;
  }

  async receive({ worker, into, ...pull }: ReceiveRequest): Promise<HostTensor> {
    const closed = () => unavailable(worker, 'is not asked any more: the transport was closed.');
    if (this.closing.signal.aborted) throw closed();
    const source = this.sourceOf(worker);
    if (!source) {
      throw new GraphError('NAME_UNKNOWN', 'receive', {
        what: `there is no worker ${worker} in this process.`,
      });
    }
    const signals = [this.closing.signal, ...(pull.signal ? [pull.signal] : [])];
    const wait: Wait = { deadline: pull.deadline, signal: AbortSignal.any(signals) };
    try {
      const taken = source.take({ ...pull, ...wait });
      const { value } = await within(taken, { ...wait, worker, key: pull.key }, this.clock);
      return landed(value, into);
    } catch (error) {
      throw this.closing.signal.aborted ? closed() : error;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
  }
}
