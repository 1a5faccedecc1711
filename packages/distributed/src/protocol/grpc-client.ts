import { create, type DescMethodUnary, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import {
  type ChannelCredentials,
  Client,
  type ClientOptions,
  credentials as grpcCredentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { ErrorCode } from '@tenon/core';
import type { CallOptions, Calls, Connection } from './call.js';
import { ClusterError, errorOf } from './cluster-error.js';
import type { Failure } from './gen/distributed_pb.js';

/** The largest message that is taken, in bytes. */
export const maxMessageBytes = 2 ** 30;

export const clientOptions: ClientOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  // A restarted process is found again soon, and one that stays away is no burden.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.use_local_subchannel_pool': 1,
};

export interface GrpcConnectionOptions {
  /** `host:port` */
  readonly address: string;
  /** Who answers there, for errors. */
  readonly name: string;
  readonly credentials?: ChannelCredentials | undefined;
  /** Sent with every call. */
  readonly metadata?: Metadata | undefined;
}

/** A service behind gRPC. Errors of calls: those of the other side; WORKER_LOST, RUN_ABORTED, DEADLINE_EXCEEDED, FORMAT_INVALID. */
export function grpcConnection<S extends GenService<GenServiceMethods>>(
  service: S,
  options: GrpcConnectionOptions,
): Connection<S> {
  const { address, credentials = grpcCredentials.createInsecure() } = options;
  const client = new Client(address, credentials, clientOptions);
  const calls = Object.entries(service.method).map(([name, method]) => {
    const path = `/${service.typeName}/${method.name}`;
    const call = (request: object, callOptions: CallOptions = {}) =>
      unary({ client, path, method: method as DescMethodUnary, options }, request, callOptions);
    return [name, call] as const;
  });
  return {
    calls: Object.fromEntries(calls) as unknown as Calls<S>,
    close: () => client.close(),
  };
}

/** The same memory without the ways of a Buffer, whose `slice` copies nothing. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

interface Target {
  readonly client: Client;
  readonly path: string;
  readonly method: DescMethodUnary;
  readonly options: GrpcConnectionOptions;
}

function unary(
  target: Target,
  request: object,
  { signal, timeoutMs, waitForReady = false }: CallOptions,
) {
  const { client, path, method, options } = target;
  const metadata = options.metadata?.clone() ?? new Metadata();
  metadata.setOptions({ waitForReady });
  return new Promise<object>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = () => call.cancel();
    const call = client.makeUnaryRequest(
      path,
      (message: object) => Buffer.from(toBinary(method.input, message as never)),
      (bytes: Buffer) => fromBinary(method.output, plainBytes(bytes)) as object,
      create(method.input, request as never),
      metadata,
      timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
      (error: ServiceError | null, response?: object) => {
        signal?.removeEventListener('abort', cancel);
        if (signal?.aborted) return reject(signal.reason);
        if (error) return reject(callError(error, target));
        const { failure } = response as { failure?: Failure };
        if (failure) reject(errorOf(failure));
        else resolve(response as object);
      },
    );
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

const codes: Partial<Record<status, ErrorCode>> = {
  [status.UNAVAILABLE]: 'WORKER_LOST',
  [status.CANCELLED]: 'RUN_ABORTED',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.RESOURCE_EXHAUSTED]: 'FORMAT_INVALID',
};

function callError(error: ServiceError, { method, options }: Target): ClusterError {
  const { name, address } = options;
  return new ClusterError(codes[error.code] ?? 'RUN_FAILED', method.name, {
    what: `the call to ${address} failed: ${error.details || error.message}.`,
    fix:
      error.code === status.UNAVAILABLE
        ? 'see that the process runs, make a new session and restore the last checkpoint.'
        : undefined,
    cause: error,
    worker: name,
  });
}
