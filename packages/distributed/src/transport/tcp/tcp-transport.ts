import type { GraphError, HostTensor } from '@tenon/core';
import { overBefore, within } from '../../rendezvous/wait.js';
import { PeerConnections } from '../peer-connections.js';
import { checkedRequest } from '../request.js';
import type { PeerLookup, ReceiveRequest, Transport } from '../transport.js';
import { type Complete, complete, type TransportOptions } from '../transport-options.js';
import { ClientConnection } from './client-connection.js';

export interface TcpTransportOptions extends TransportOptions {
  /** Name of the worker that asks. */
  readonly from: string;
  readonly peer: PeerLookup;
}

const firstPause = 20;
const longestPause = 500;

/**
 * Pulls tensors from `TensorServer`s of other processes, over one connection to each. A connection that broke is made anew by the
 * next pull; a pull that was under way is not repeated, since its value may have been taken.
 */
export class TcpTransport implements Transport {
  private readonly options: Complete<TcpTransportOptions>;
  private readonly connections: PeerConnections<ClientConnection>;

  constructor(options: TcpTransportOptions) {
    const all = complete(options);
    this.options = all;
    this.connections = new PeerConnections({
      peer: all.peer,
      open: (worker, peer) => new ClientConnection({ ...all, worker, peer }),
    });
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
    this.connections.close();
  }

  /** An open connection; a peer that is not there yet is tried again for a while. */
  private async connected(request: ReceiveRequest): Promise<ClientConnection> {
    const { clock, limits } = this.options;
    const end = clock.now() + limits.retry;
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      const connection = this.connections.to(request.worker);
      try {
        await within(connection.opened, request, clock);
        return connection;
      } catch (error) {
        const again = connection.closed && (error as GraphError).code === 'UNAVAILABLE';
        if (this.connections.closed || !again || clock.now() + pause > end) throw error;
      }
      await within(new Promise<void>((resolve) => clock.after(pause, resolve)), request, clock);
    }
  }
}
