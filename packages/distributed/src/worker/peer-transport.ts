import type { MessagePort } from 'node:worker_threads';
import { GraphError } from '@tenon/core';
import { parseAddress } from '../cluster/address.js';
import type { Peer as PeerMessage } from '../protocol/gen/distributed_pb.js';
import { GrpcTransport } from '../transport/grpc/grpc-transport.js';
import type { Limits } from '../transport/limits.js';
import { RoutedTransport } from '../transport/routed-transport.js';
import type { Security } from '../transport/security.js';
import { TcpTransport } from '../transport/tcp/tcp-transport.js';
import { ThreadTransport } from '../transport/threads/thread-transport.js';
import type { Peer, Transport } from '../transport/transport.js';

/** How tensors come from the workers of one session. */
export type PeerTransport = (peers: readonly PeerMessage[]) => Transport;

export interface NetworkOptions {
  /** Name of the worker that asks. */
  readonly from: string;
  readonly security?: Security | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** Pulls from each peer over what it serves: frames of TCP or TLS, or gRPC. Every session has connections of its own. */
export const networkTransport =
  ({ from, security = {}, limits = {} }: NetworkOptions): PeerTransport =>
  (messages) => {
    const peers = new Map(messages.map((message) => [message.worker, message]));
    const find = (worker: string): PeerMessage => {
      const found = peers.get(worker);
      if (found) return found;
      throw new GraphError('NAME_UNKNOWN', worker, { what: 'the session has no such worker.' });
    };
    const peer = (worker: string) => dataAddress(find(worker));
    const tcp = new TcpTransport({ from, peer, security, limits });
    const grpc = new GrpcTransport({ peer, security, limits });
    return new RoutedTransport((worker) => (find(worker).data?.plane === 'grpc' ? grpc : tcp));
  };

/** Pulls from each peer, a thread of this process, through a port to it. Every session has ports of its own. */
export const threadTransport =
  (open: (worker: string) => MessagePort): PeerTransport =>
  () => {
    const peers = new Map<string, ThreadTransport>();
    return new RoutedTransport((worker) => {
      const peer = peers.get(worker) ?? new ThreadTransport(open(worker));
      peers.set(worker, peer);
      return peer;
    });
  };

/** Where a peer answers pulls: the data port on the host of its address. Errors: STATE_INVALID where it has none. */
function dataAddress({ worker, address, incarnation, data }: PeerMessage): Peer {
  const control = parseAddress(address);
  if (control && data?.port) return { host: control.host, port: data.port, incarnation };
  throw new GraphError('STATE_INVALID', worker, {
    what: 'it answers no pulls from other processes.',
    fix: 'start it with serveWorker.',
  });
}
