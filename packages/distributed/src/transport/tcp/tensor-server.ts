import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { checkBinding, tlsOptions } from '../security.js';
import type { Self, TensorSource } from '../transport.js';
import { complete, type TransportOptions } from '../transport-options.js';
import type { FrameHandler } from './frame-reader.js';
import { ServerConnection } from './server-connection.js';

export interface TensorServerOptions extends TransportOptions {
  readonly self: Self;
  /** The tables of the worker. */
  readonly source: TensorSource;
  /** 127.0.0.1 when left out; others only with TLS or a token. */
  readonly host?: string;
  /** One that the system chooses when left out. */
  readonly port?: number;
  /** Who hears the packets of a connection that has some to exchange; such connections are refused when left out. */
  readonly packets?: ((socket: Socket) => FrameHandler) | undefined;
}

/** Listens over TCP or TLS for pulls, and for connections that exchange packets. */
export class TensorServer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  /** Errors: UNAUTHENTICATED (off loopback without TLS or token), ATTRIBUTE_INVALID. */
  static async listen(options: TensorServerOptions): Promise<TensorServer> {
    const { host = '127.0.0.1', port = 0, security = {} } = options;
    checkBinding(host, security, 'TensorServer');
    const server = new TensorServer(options);
    server.server.listen(port, host);
    await once(server.server, 'listening');
    return server;
  }

  private constructor(options: TensorServerOptions) {
    const all = complete(options);
    const { limits } = all;
    const serve = (socket: Socket) => {
      new ServerConnection(socket, all);
    };
    const { tls } = all.security;
    this.server = tls
      ? createTlsServer({ ...tlsOptions(tls), handshakeTimeout: limits.handshake }, serve)
      : createServer(serve);
    this.server.maxConnections = limits.connections;
    // Also of TLS the bare sockets, so that those in their handshake are ended too.
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.server.address() as AddressInfo;
    return { host: address, port };
  }

  /** Open connections. */
  get connections(): number {
    return this.sockets.size;
  }

  /** Ends all connections, in the middle of what they carry. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
