import type { ClientReadableStream, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import type { HostTensor } from '@tenon/core';
import { type TensorPiece, TensorService } from '../../protocol/gen/distributed_pb.js';
import { overBefore, watch, within } from '../../rendezvous/wait.js';
import { unavailable } from '../failure.js';
import { PeerConnections } from '../peer-connections.js';
import { checkedRequest } from '../request.js';
import type { PeerLookup, ReceiveRequest, Transport } from '../transport.js';
import { type Complete, complete, type TransportOptions } from '../transport-options.js';
import { Channel } from './channel.js';
import { connected } from './connected.js';
import { tokenMetadata } from './credentials.js';
import { PieceReader } from './piece-reader.js';
import { serviceDefinition } from './service-definition.js';
import { statusError } from './status-error.js';

export interface GrpcTransportOptions extends TransportOptions {
  readonly peer: PeerLookup;
}

const method = serviceDefinition(TensorService).recvTensor as MethodDefinition<object, TensorPiece>;

/** Pulls tensors over gRPC: where only HTTP/2 gets through. Slower than TCP frames, otherwise the same. */
export class GrpcTransport implements Transport {
  private readonly options: Complete<GrpcTransportOptions>;
  private readonly channels: PeerConnections<Channel>;

  constructor(options: GrpcTransportOptions) {
    const all = complete(options);
    this.options = all;
    this.channels = new PeerConnections({
      peer: all.peer,
      open: (_worker, peer) => new Channel(peer, all),
    });
  }

  async receive(request: ReceiveRequest): Promise<HostTensor> {
    const { clock } = this.options;
    checkedRequest(request);
    const over = overBefore(request, clock);
    if (over) throw over;
    const channel = this.channels.to(request.worker);
    const connecting = connected(channel.client, request.worker, this.options.limits);
    await within(connecting, request, clock);
    if (this.channels.closed) throw this.channels.closedError(request.worker);
    return this.pull(channel, request);
  }

  async close(): Promise<void> {
    this.channels.close();
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
      call.on('data', (piece: TensorPiece) => {
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

  private call(
    { client, peer }: Channel,
    request: ReceiveRequest,
  ): ClientReadableStream<TensorPiece> {
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
}
