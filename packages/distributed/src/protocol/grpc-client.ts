import { create, type DescMethodUnary, type DescService } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import {
  Client,
  type ClientOptions,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { readCredentials } from '../cluster/credentials.js';
import { channelCredentials, channelName, tokenMetadata } from '../transport/grpc/credentials.js';
import { serviceDefinition } from '../transport/grpc/service-definition.js';
import { checkSecurity, type Security } from '../transport/security.js';
import type { CallOptions, Calls, Connection } from './call.js';
import { callError } from './call-error.js';
import { errorOf } from './cluster-error.js';
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
  // A proxy of the environment is meant for the world outside of the cluster.
  'grpc.enable_http_proxy': 0,
};

export interface GrpcConnectionOptions {
  /** `host:port` */
  readonly address: string;
  /** Who answers there, for errors. */
  readonly name: string;
  /** What is shown to who answers there, and asked of them. Default: what the environment names; see `readCredentials`. */
  readonly security?: Security | undefined;
}

/**
 * A service behind gRPC. Errors: ATTRIBUTE_INVALID where the security is malformed. Errors of calls: those of the other side;
 * UNAVAILABLE, UNAUTHENTICATED, RUN_ABORTED, DEADLINE_EXCEEDED, FORMAT_INVALID.
 */
export function grpcConnection<S extends GenService<GenServiceMethods>>(
  service: S,
  { address, name, security = readCredentials(process.env) }: GrpcConnectionOptions,
): Connection<S> {
  checkSecurity(security, name);
  const options = { ...clientOptions, ...channelName(security) };
  const client = new Client(address, channelCredentials(security), options);
  const definitions = serviceDefinition(service as DescService);
  const calls = Object.entries(service.method).map(([key, method]) => {
    const target: Target = {
      client,
      definition: definitions[key] as MethodDefinition<object, object>,
      method: method as DescMethodUnary,
      security,
      address,
      name,
    };
    const call = (request: object, callOptions: CallOptions = {}) =>
      unary(target, request, callOptions);
    return [key, call] as const;
  });
  return {
    calls: Object.fromEntries(calls) as unknown as Calls<S>,
    close: () => client.close(),
  };
}

interface Target extends Required<GrpcConnectionOptions> {
  readonly client: Client;
  readonly definition: MethodDefinition<object, object>;
  readonly method: DescMethodUnary;
  readonly security: Security;
}

function unary(
  { client, definition, method, security, address, name }: Target,
  request: object,
  { signal, timeoutMs, waitForReady = false }: CallOptions,
) {
  const metadata = tokenMetadata(security);
  metadata.setOptions({ waitForReady });
  return new Promise<object>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = () => call.cancel();
    const call = client.makeUnaryRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      create(method.input, request as never) as object,
      metadata,
      timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
      (error: ServiceError | null, response?: object) => {
        signal?.removeEventListener('abort', cancel);
        if (signal?.aborted) return reject(signal.reason);
        if (error) return reject(callError(error, { method: method.name, address, name }));
        const { failure } = response as { failure?: Failure };
        if (failure) reject(errorOf(failure));
        else resolve(response as object);
      },
    );
    signal?.addEventListener('abort', cancel, { once: true });
  });
}
