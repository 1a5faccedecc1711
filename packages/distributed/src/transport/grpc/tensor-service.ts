import { once } from 'node:events';
import type { Server, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { GraphError } from '@tenon/core';
import { type RecvTensorRequest, TensorService } from '../../protocol/gen/distributed_pb.js';
import type { Sent } from '../../rendezvous/index.js';
import { nameLimits, tooLarge } from '../limits.js';
import { tokenMatches, unauthenticated } from '../security.js';
import { checkedIncarnation, type Self, type TensorSource } from '../transport.js';
import { type Complete, complete, type TransportOptions } from '../transport-options.js';
import { wireValue } from '../wire-values.js';
import { bearerToken } from './credentials.js';
import { dataPiece, failurePiece, headerPiece, type PieceInit, pieceBytes } from './pieces.js';
import { serviceDefinition } from './service-definition.js';

export interface TensorServiceOptions extends TransportOptions {
  readonly self: Self;
  readonly source: TensorSource;
}

type Call = ServerWritableStream<RecvTensorRequest, PieceInit>;

/** Adds the service that answers pulls to a gRPC server. */
export function addTensorService(server: Server, options: TensorServiceOptions): void {
  const answering = complete(options);
  const recvTensor = (call: Call) => {
    answer(call, answering).catch((error) => {
      if (call.cancelled) return;
      call.write(failurePiece(error, options.self.worker));
      call.end();
    });
  };
  const implementation: UntypedServiceImplementation = { recvTensor };
  server.addService(serviceDefinition(TensorService), implementation);
}

async function answer(call: Call, options: Complete<TensorServiceOptions>): Promise<void> {
  const { self, source, security, clock, limits } = options;
  if (!tokenMatches(security.token, bearerToken(call.metadata))) throw unauthenticated();
  const { step, key, remaining, worker, incarnation } = call.request;
  checkNames({ step, key });
  checkedIncarnation(self, { worker, incarnation });
  const abort = new AbortController();
  call.on('cancelled', () => abort.abort());
  call.on('error', () => abort.abort());
  const deadline = clock.now() + remaining;
  const sent = await source.take({ step, key, deadline, signal: abort.signal });
  const size = sent.value.data.byteLength;
  if (size > limits.tensorBytes) throw tooLarge(key, size, limits.tensorBytes);
  await write(call, sent, abort.signal);
}

async function write(call: Call, sent: Sent, signal: AbortSignal): Promise<void> {
  const { header, bytes } = wireValue(sent);
  call.write(headerPiece(header));
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    const piece = dataPiece(bytes.subarray(offset, offset + pieceBytes));
    // The receiver reads as fast as it can; nothing is gathered here meanwhile.
    if (!call.write(piece)) await once(call, 'drain', { signal });
    if (signal.aborted) return;
  }
  call.end();
}

function checkNames(names: { readonly step: string; readonly key: string }): void {
  for (const name of ['step', 'key'] as const) {
    if (names[name].length > 0 && names[name].length <= nameLimits[name]) continue;
    throw new GraphError('FORMAT_INVALID', 'transport', {
      what: `the ${name} is empty or too long.`,
    });
  }
}
