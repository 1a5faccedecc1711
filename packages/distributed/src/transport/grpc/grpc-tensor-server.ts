import { Server } from '@grpc/grpc-js';
import { GraphError } from '@tenon/core';
import { defaultLimits } from '../limits.js';
import { checkBinding } from '../security.js';
import { serverCredentials } from './credentials.js';
import { messageBytes } from './pieces.js';
import { addTensorService, type TensorServiceOptions } from './tensor-service.js';

export interface GrpcTensorServerOptions extends TensorServiceOptions {
  /** 127.0.0.1 when left out; others only with TLS or a token. */
  readonly host?: string;
  /** One that the system chooses when left out. */
  readonly port?: number;
}

/** Listens for pulls over gRPC. */
export class GrpcTensorServer {
  readonly address: { readonly host: string; readonly port: number };
  private readonly server: Server;

  /** Errors: UNAUTHENTICATED (off loopback without TLS or token), ATTRIBUTE_INVALID, UNAVAILABLE (the port is taken). */
  static async listen(options: GrpcTensorServerOptions): Promise<GrpcTensorServer> {
    const { host = '127.0.0.1', port = 0, security = {} } = options;
    checkBinding(host, security, 'GrpcTensorServer');
    const server = new Server({
      'grpc.max_receive_message_length': 2 ** 14,
      'grpc.max_send_message_length': messageBytes,
      'grpc.max_concurrent_streams': { ...defaultLimits, ...options.limits }.pulls,
    });
    addTensorService(server, options);
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(address, serverCredentials(security), (cause, bound) => {
        if (!cause) resolve(bound);
        else {
          const what = `it cannot listen on ${address}: ${cause.message}.`;
          reject(new GraphError('UNAVAILABLE', 'GrpcTensorServer', { what, cause }));
        }
      });
    });
    return new GrpcTensorServer(server, { host, port: bound });
  }

  private constructor(server: Server, address: GrpcTensorServer['address']) {
    this.server = server;
    this.address = address;
  }

  /** Ends all connections, in the middle of what they carry. */
  async close(): Promise<void> {
    this.server.forceShutdown();
  }
}
