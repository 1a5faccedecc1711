import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type Security, tlsOptions } from '../security.js';
import { encodeFrame } from './frame.js';
import { encodeJson, type Hello } from './messages.js';

export interface SocketOptions {
  readonly to: { readonly host: string; readonly port: number };
  readonly security: Security;
  readonly hello: Omit<Hello, 'token'>;
  /** Takes the bytes that come, in memory that the next overwrite; none follow once it gives false. */
  readonly received: (bytes: Buffer) => boolean;
}

const readBytes = 2 ** 18;

/** A socket over TCP, or TLS, that says hello before anything else. */
export function openSocket({ to, security, hello, received }: SocketOptions): Socket {
  const { tls, token } = security;
  const callback = (bytes: number, { buffer, byteOffset }: Uint8Array) =>
    received(Buffer.from(buffer, byteOffset, bytes));
  // One buffer for all reads: the only copy of a tensor's bytes is from there to where they belong.
  const onread = { buffer: new Uint8Array(readBytes), callback };
  const address = { host: to.host, port: to.port, onread };
  const name = tls?.serverName;
  const secure = tls && { ...tlsOptions(tls), ...(name ? { servername: name } : {}) };
  const socket: Socket = secure
    ? connectTls({ ...address, ...secure } as ConnectionOptions)
    : connectTcp(address);
  socket.setNoDelay(true);
  socket.write(encodeFrame('hello', 0, encodeJson({ ...hello, token })));
  return socket;
}
