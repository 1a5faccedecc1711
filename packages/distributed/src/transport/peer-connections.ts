import type { ClusterError } from '../protocol/cluster-error.js';
import { unavailable } from './failure.js';
import type { Peer, PeerLookup } from './transport.js';

/** A connection to one peer. */
export interface PeerConnection {
  readonly peer: Peer;
  /** Whether it can not be used any more. */
  readonly closed: boolean;
  /** Fails all who wait with this error, and hangs up. */
  close(error: unknown): void;
}

export interface PeerConnectionsOptions<C> {
  readonly peer: PeerLookup;
  readonly open: (worker: string, peer: Peer) => C;
}

/** One connection to each worker; another where it broke, or the worker has another address or incarnation now. */
export class PeerConnections<C extends PeerConnection> {
  private readonly options: PeerConnectionsOptions<C>;
  private readonly connections = new Map<string, C>();
  private ended = false;

  constructor(options: PeerConnectionsOptions<C>) {
    this.options = options;
  }

  get closed(): boolean {
    return this.ended;
  }

  /** Errors: UNAVAILABLE once they are closed, and those of the lookup. */
  to(worker: string): C {
    if (this.ended) throw this.closedError(worker);
    const peer = this.options.peer(worker);
    const known = this.connections.get(worker);
    if (known && !known.closed && same(known.peer, peer)) return known;
    known?.close(unavailable(worker, 'has another address or incarnation now.'));
    const connection = this.options.open(worker, peer);
    this.connections.set(worker, connection);
    return connection;
  }

  close(): void {
    this.ended = true;
    for (const [worker, connection] of this.connections) connection.close(this.closedError(worker));
    this.connections.clear();
  }

  closedError(worker: string): ClusterError {
    return unavailable(worker, 'is not asked any more: the transport was closed.');
  }
}

const same = (a: Peer, b: Peer): boolean =>
  a.host === b.host && a.port === b.port && a.incarnation === b.incarnation;
