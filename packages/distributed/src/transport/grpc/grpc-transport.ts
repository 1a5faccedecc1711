import {
  type ChannelOptions,
  Client,
  type ClientReadableStream,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import type { GraphError, HostTensor } from '@tenon/core';
import { type Clock, systemClock } from '../../rendezvous/index.js';
import { overBefore, watch, within } from '../../rendezvous/wait.js';
import { unavailable } from '../failure.js';
import { type Piece, TensorService } from '../gen/tensor_pb.js';
import { defaultLimits, type Limits } from '../limits.js';
import { checkedRequest } from '../request.js';
import type { Security } from '../security.js';
import type { Peer, PeerLookup, ReceiveRequest, Transport } from '../transport.js';
import { connected } from './connected.js';
import { channelCredentials, channelName, tokenMetadata } from './credentials.js';
import { PieceReader } from './piece-reader.js';
import { messageBytes } from './pieces.js';
import { serviceDefinition } from './service-definition.js';
import { statusError } from './status-error.js';

export interface GrpcTransportOptions {
  readonly peer: PeerLookup;
  readonly security?: Security;
  readonly clock?: Clock;
  readonly limits?: Partial<Limits>;
}

interface Channel {
  readonly peer: Peer;
  readonly client: Client;
  /** Ends what is under way. */
  readonly calls: Set<(error: unknown) => void>;
}

const method = serviceDefinition(TensorService).receiveTensor as MethodDefinition<object, Piece>;
// The window of HTTP/2 is 64 KiB by default, which waits for the peer after every quarter of a piece.
const windowBytes = 2 ** 24;

/** Pulls tensors over gRPC: where only HTTP/2 gets through. Slower than TCP frames, otherwise the same. */
export class GrpcTransport implements Transport {
  private readonly options: Required<Omit<GrpcTransportOptions, 'limits'>> & { limits: Limits };
  private readonly channels = new Map<string, Channel>();
  private closed = false;

  constructor(options: GrpcTransportOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    this.options = { security: {}, clock: systemClock, ...options, limits };
  }

  async receive(request: ReceiveRequest): Promise<HostTensor> {
    const { clock } = this.options;
    checkedRequest(request);
    const over = overBefore(request, clock);
    if (over) throw over;
    const channel = this.channel(request.worker);
    const connecting = connected(channel.client, request.worker, this.options.limits);
    await within(connecting, request, clock);
    if (this.closed) throw closedError(request.worker);
    return this.pull(channel, request);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const [worker, channel] of this.channels) end(channel, closedError(worker));
    this.channels.clear();
  }

  private pull(channel: Channel, request: ReceiveRequest): Promise<HostTensor> {
    const { clock, limits } = this.options;
    const call = this.call(channel, request);
    const reader = new PieceReader(request, limits.tensorBytes);
    return new Promise<HostTensor>((resolve, reject) => {
      const settle = (result: () => void) => {
        stop();
        channel.calls.delete(give);
        // Pieces that are still on their way are read, but not written any more.
        call.removeAllListeners('data').resume();
        call.removeAllListeners('end');
        result();
      };
      // Only calls that are given up are cancelled: HTTP/2 ends the whole connection when streams are reset too often.
      const give = (error: unknown) => {
        settle(() => reject(error));
        call.cancel();
      };
      const stop = watch(request, clock, give);
      channel.calls.add(give);
      call.on('data', (piece: Piece) => {
        try {
          const value = reader.read(piece);
          if (value) settle(() => resolve(value));
        } catch (error) {
          if (piece.content.case === 'failure') settle(() => reject(error));
          else give(error);
        }
      });
      call.on('error', (error: ServiceError) =>
        settle(() => reject(statusError(error, request.worker))),
      );
      call.on('end', () => give(unavailable(request.worker, 'ended its answer too early.')));
    });
  }

  private call({ client, peer }: Channel, request: ReceiveRequest): ClientReadableStream<Piece> {
    const { clock, security } = this.options;
    const { step, key, worker } = request;
    const remaining = Math.ceil(Math.min(request.deadline - clock.now(), 2 ** 32 - 1));
    const message = { step, key, remaining, worker, incarnation: peer.incarnation };
    const { path, requestSerialize, responseDeserialize } = method;
    return client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      tokenMetadata(security),
    );
  }

  private channel(worker: string): Channel {
    if (this.closed) throw closedError(worker);
    const peer = this.options.peer(worker);
    const known = this.channels.get(worker);
    if (known && same(known.peer, peer)) return known;
    if (known) end(known, unavailable(worker, 'has another address or incarnation now.'));
    const client = this.client(peer);
    const channel = { peer, client, calls: new Set<(error: unknown) => void>() };
    this.channels.set(worker, channel);
    return channel;
  }

  private client({ host, port }: Peer): Client {
    const { security, limits } = this.options;
    const options: ChannelOptions = {
      'grpc.max_receive_message_length': messageBytes,
      'grpc.keepalive_time_ms': limits.heartbeat,
      'grpc.keepalive_timeout_ms': Math.max(limits.silence - limits.heartbeat, 1),
      'grpc-node.flow_control_window': windowBytes,
      // Channels are not shared with other parts of the process, so that closing one ends its connection.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      ...channelName(security),
    };
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new Client(address, channelCredentials(security), options);
  }
}

const same = (a: Peer, b: Peer): boolean =>
  a.host === b.host && a.port === b.port && a.incarnation === b.incarnation;

function end({ client, calls }: Channel, error: GraphError): void {
  for (const fail of [...calls]) fail(error);
  client.close();
}

const closedError = (worker: string): GraphError =>
  unavailable(worker, 'is not asked any more: the transport was closed.');
