import type { GraphError, HostTensor } from '@tenon/core';
import { type Clock, systemClock } from '../../rendezvous/index.js';
import { overBefore, within } from '../../rendezvous/wait.js';
import { unavailable } from '../failure.js';
import { defaultLimits, type Limits } from '../limits.js';
import { checkedRequest } from '../request.js';
import type { Security } from '../security.js';
import type { PeerLookup, ReceiveRequest, Transport } from '../transport.js';
import { ClientConnection } from './client-connection.js';

export interface TcpTransportOptions {
  /** Name of the worker that asks. */
  readonly from: string;
  readonly peer: PeerLookup;
  readonly security?: Security;
  readonly clock?: Clock;
  readonly limits?: Partial<Limits>;
}

const firstPause = 20;
const longestPause = 500;

/**
 * Pulls tensors from `TensorServer`s of other processes, over one connection to each. A connection that broke is made anew by the
 * next pull; a pull that was under way is not repeated, since its value may have been taken.
 */
export class TcpTransport implements Transport {
  private readonly options: Required<Omit<TcpTransportOptions, 'limits'>> & { limits: Limits };
  private readonly connections = new Map<string, ClientConnection>();
  private closed = false;

  constructor(options: TcpTransportOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    this.options = { security: {}, clock: systemClock, ...options, limits };
  }

  async receive(request: ReceiveRequest): Promise<HostTensor> {
    const { clock } = this.options;
    checkedRequest(request);
    const over = overBefore(request, clock);
    if (over) throw over;
    const connection = await this.connected(request);
    const late = overBefore(request, clock);
    if (late) throw late;
    return connection.receive(request);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const [worker, connection] of this.connections) connection.close(closedError(worker));
    this.connections.clear();
  }

  /** An open connection; a peer that is not there yet is tried again for a while. */
  private async connected(request: ReceiveRequest): Promise<ClientConnection> {
    const { clock, limits } = this.options;
    const end = clock.now() + limits.retry;
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      const connection = this.connection(request.worker);
      try {
        await within(connection.opened, request, clock);
        return connection;
      } catch (error) {
        const again = connection.closed && (error as GraphError).code === 'UNAVAILABLE';
        if (this.closed || !again || clock.now() + pause > end) throw error;
      }
      await within(new Promise<void>((resolve) => clock.after(pause, resolve)), request, clock);
    }
  }

  private connection(worker: string): ClientConnection {
    if (this.closed) throw closedError(worker);
    const known = this.connections.get(worker);
    const { peer: lookup, from, security, clock, limits } = this.options;
    const peer = lookup(worker);
    if (known && !known.closed && known.leadsTo(peer)) return known;
    known?.close(unavailable(worker, 'has another address or incarnation now.'));
    const connection = new ClientConnection({ worker, peer, from, security, clock, limits });
    this.connections.set(worker, connection);
    return connection;
  }
}

const closedError = (worker: string): GraphError =>
  unavailable(worker, 'is not asked any more: the transport was closed.');
