import { create, type DescMethodUnary, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { GraphError } from '@tenon/core';
import { isLoopback } from '../transport/security.js';
import type { Handlers } from './call.js';
import { failureOf } from './cluster-error.js';
import { maxMessageBytes, plainBytes } from './grpc-client.js';

export interface GrpcServerOptions {
  /** Who answers, for errors. */
  readonly name: string;
  /** Default 127.0.0.1; any other needs credentials. */
  readonly host?: string | undefined;
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  readonly credentials?: ServerCredentials | undefined;
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

/** Answers a service over gRPC. Errors: ATTRIBUTE_INVALID off loopback without credentials, RUN_FAILED where it can not listen. */
export async function serveGrpc<S extends GenService<GenServiceMethods>>(
  service: S,
  handlers: Handlers<S>,
  options: GrpcServerOptions,
): Promise<GrpcServer> {
  const { host = '127.0.0.1', port = 0, name, credentials, streams = [] } = options;
  if (!credentials && !isLoopback(host.replace(/^\[(.*)\]$/, '$1'))) {
    throw new GraphError('ATTRIBUTE_INVALID', name, {
      what: `it would listen on ${host} without credentials.`,
      fix: 'give TLS credentials, or listen on 127.0.0.1.',
    });
  }
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  });
  server.addService(...definitionOf(service, handlers as unknown as Answers, name));
  for (const stream of streams) server.addService(...stream);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${host}:${port}`,
      credentials ?? ServerCredentials.createInsecure(),
      (cause, number) => {
        if (!cause) return resolve(number);
        const what = `it can not listen on ${host}:${port}: ${cause.message}.`;
        reject(new GraphError('RUN_FAILED', name, { what, cause }));
      },
    );
  });
  return {
    address: `${host}:${bound}`,
    close: async () => server.forceShutdown(),
  };
}

type Answers = Readonly<Record<string, (request: unknown, signal: AbortSignal) => Promise<object>>>;

function definitionOf(
  service: GenService<GenServiceMethods>,
  answers: Answers,
  name: string,
): [ServiceDefinition, UntypedServiceImplementation] {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [key, any] of Object.entries(service.method)) {
    const method = any as DescMethodUnary;
    definition[key] = {
      path: `/${service.typeName}/${method.name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (message: object) => Buffer.from(toBinary(method.input, message as never)),
      requestDeserialize: (bytes: Buffer) => fromBinary(method.input, plainBytes(bytes)),
      responseSerialize: (message: object) =>
        Buffer.from(toBinary(method.output, message as never)),
      responseDeserialize: (bytes: Buffer) => fromBinary(method.output, plainBytes(bytes)),
    };
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
  return [definition, implementation];
}

const cancelledError = (name: string, where: string): GraphError =>
  new GraphError('RUN_ABORTED', where, { what: `the caller of ${name} has cancelled the call.` });
