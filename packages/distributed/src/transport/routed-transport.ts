import type { HostTensor } from '@tenon/core';
import { unavailable } from './failure.js';
import type { ReceiveRequest, Transport } from './transport.js';

/** One transport for each worker that tensors come from: memory for those of this thread, ports for threads, TCP for the rest. */
export class RoutedTransport implements Transport {
  private readonly route: (worker: string) => Transport;
  private readonly used = new Set<Transport>();
  private closed = false;

  constructor(route: (worker: string) => Transport) {
    this.route = route;
  }

  async receive(request: ReceiveRequest): Promise<HostTensor> {
    if (this.closed)
      throw unavailable(request.worker, 'is not asked any more: the transport was closed.');
    const transport = this.route(request.worker);
    this.used.add(transport);
    return transport.receive(request);
  }

  /** Closes those that were used. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.used].map((transport) => transport.close()));
  }
}
