import { create, type DescMethodUnary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import {
  Server,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { GraphError } from '@tenon/core';
import { formatAddress } from '../cluster/address.js';
import { readCredentials } from '../cluster/credentials.js';
import { bearerToken, serverCredentials } from '../transport/grpc/credentials.js';
import { serviceDefinition } from '../transport/grpc/service-definition.js';
import {
  checkBinding,
  type Security,
  tokenMatches,
  unauthenticated,
} from '../transport/security.js';
import type { Handlers } from './call.js';
import { failureOf } from './cluster-error.js';
import { maxMessageBytes } from './grpc-client.js';

/** Where a process listens, and whom it answers. */
export interface ListenOptions {
  /** A name or an IP address. Default 127.0.0.1; what others reach needs mutual TLS or a token. */
  readonly host?: string | undefined;
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  /** What callers must show. Default: what the environment names; see `readCredentials`. */
  readonly security?: Security | undefined;
  /** The largest message that is taken or sent, in bytes. Default 2^30. */
  readonly messageBytes?: number | undefined;
}

export interface GrpcServerOptions extends ListenOptions {
  /** Who answers, for errors. */
  readonly name: string;
  /** More services, whose calls are streams. */
  readonly streams?: readonly (readonly [ServiceDefinition, UntypedServiceImplementation])[];
}

/** A listening process. */
export interface GrpcServer {
  /** `host:port` */
  readonly address: string;
  /** Ends at once what is still answered. */
  close(): Promise<void>;
}

/**
 * Answers a service over gRPC. Errors: UNAUTHENTICATED off loopback without TLS or token, ATTRIBUTE_INVALID where these are malformed,
 * RUN_FAILED where it can not listen.
 */
export async function serveGrpc<S extends GenService<GenServiceMethods>>(
  service: S,
  handlers: Handlers<S>,
  options: GrpcServerOptions,
): Promise<GrpcServer> {
  const { host = '127.0.0.1', port = 0, name, messageBytes = maxMessageBytes } = options;
  const { security = readCredentials(process.env), streams = [] } = options;
  checkBinding(host, security, name);
  const server = new Server({
    'grpc.max_receive_message_length': messageBytes,
    'grpc.max_send_message_length': messageBytes,
    interceptors: security.token === undefined ? [] : [askingFor(security.token)],
  });
  const answers = implementationOf(service, handlers as unknown as Answers, name);
  server.addService(serviceDefinition(service), answers);
  for (const stream of streams) server.addService(...stream);
  const bound = await new Promise<number>((resolve, reject) => {
    const address = formatAddress({ host, port });
    server.bindAsync(address, serverCredentials(security), (cause, number) => {
      if (!cause) return resolve(number);
      const what = `it can not listen on ${address}: ${cause.message}.`;
      reject(new GraphError('RUN_FAILED', name, { what, cause }));
    });
  });
  return {
    address: formatAddress({ host, port: bound }),
    close: async () => server.forceShutdown(),
  };
}

/** Ends every call that comes without the token, whatever its method, before its message is read. */
const askingFor =
  (token: string): ServerInterceptor =>
  (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, proceed) {
            if (tokenMatches(token, bearerToken(metadata))) return proceed(metadata);
            const { what } = unauthenticated().details;
            call.sendStatus({ code: status.UNAUTHENTICATED, details: what });
          },
        }),
    });

type Answers = Readonly<Record<string, (request: unknown, signal: AbortSignal) => Promise<object>>>;

function implementationOf(
  service: GenService<GenServiceMethods>,
  answers: Answers,
  name: string,
): UntypedServiceImplementation {
  const implementation: UntypedServiceImplementation = {};
  for (const [key, any] of Object.entries(service.method)) {
    const method = any as DescMethodUnary;
    implementation[key] = (call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) => {
      const cancelled = new AbortController();
      call.on('cancelled', () => cancelled.abort(cancelledError(name, method.name)));
      const answer = answers[key] as Answers[string];
      answer(call.request, cancelled.signal).then(
        (response) => done(null, create(method.output, response as never)),
        (error) => done(null, create(method.output, { failure: failureOf(error, name) } as never)),
      );
    };
  }
  return implementation;
}

const cancelledError = (name: string, where: string): GraphError =>
  new GraphError('RUN_ABORTED', where, { what: `the caller of ${name} has cancelled the call.` });
