import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type MutualTls, tlsOptions } from '../security.js';

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: MutualTls | undefined;
  /** The memory of all reads. */
  readonly onread: OnReadOpts;
}

/** A socket over TCP, or TLS, that says hello before anything else. */
export function openSocket({ tls, host, port, onread }: SocketOptions, hello: Uint8Array): Socket {
  const name = tls?.serverName;
  const secure = tls && { ...tlsOptions(tls), ...(name ? { servername: name } : {}) };
  const address = { host, port, onread };
  const socket: Socket = secure
    ? connectTls({ ...address, ...secure } as ConnectionOptions)
    : connectTcp(address);
  socket.setNoDelay(true);
  socket.write(hello);
  return socket;
}
