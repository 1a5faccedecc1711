import { type ChannelOptions, Client } from '@grpc/grpc-js';
import type { Limits } from '../limits.js';
import type { PeerConnection } from '../peer-connections.js';
import type { Security } from '../security.js';
import type { Peer } from '../transport.js';
import { channelCredentials, channelName } from './credentials.js';
import { messageBytes, windowOptions } from './pieces.js';

/** A channel to one peer, and the calls that are under way. */
export class Channel implements PeerConnection {
  readonly peer: Peer;
  readonly client: Client;
  /** Ends a call with an error. */
  readonly calls = new Set<(error: unknown) => void>();
  closed = false;

  constructor(peer: Peer, options: { readonly security: Security; readonly limits: Limits }) {
    this.peer = peer;
    this.client = clientOf(peer, options.security, options.limits);
  }

  close(error: unknown): void {
    this.closed = true;
    for (const fail of [...this.calls]) fail(error);
    this.client.close();
  }
}

function clientOf({ host, port }: Peer, security: Security, limits: Limits): Client {
  const options: ChannelOptions = {
    'grpc.max_receive_message_length': messageBytes,
    'grpc.keepalive_time_ms': limits.heartbeat,
    'grpc.keepalive_timeout_ms': Math.max(limits.silence - limits.heartbeat, 1),
    ...windowOptions,
    // Channels are not shared with other parts of the process, so that closing one ends its connection.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    ...channelName(security),
  };
  return new Client(
    `${host.includes(':') ? `[${host}]` : host}:${port}`,
    channelCredentials(security),
    options,
  );
}
