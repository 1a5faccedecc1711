import type { Socket } from 'node:net';
import { GraphError, type HostTensor } from '@tenon/core';
import type { Clock } from '../../rendezvous/index.js';
import { watch } from '../../rendezvous/wait.js';
import { errorOf, unavailable } from '../failure.js';
import { IncomingTensor } from '../incoming-tensor.js';
import type { Limits } from '../limits.js';
import type { PeerConnection } from '../peer-connections.js';
import type { Security } from '../security.js';
import { checkedIncarnation, type Peer, type ReceiveRequest } from '../transport.js';
import { encodeFrame, type FrameHead, garbage } from './frame.js';
import { FrameReader } from './frame-reader.js';
import { Heartbeat } from './heartbeat.js';
import { decodeHeader, decodeJson, decodeWelcome, encodePull } from './messages.js';
import { openSocket } from './open-socket.js';

export interface ClientConnectionOptions {
  readonly worker: string;
  readonly peer: Peer;
  /** Name of the worker that asks. */
  readonly from: string;
  readonly security: Security;
  readonly clock: Clock;
  readonly limits: Limits;
}

interface Pending {
  readonly request: ReceiveRequest;
  readonly resolve: (value: HostTensor) => void;
  readonly reject: (error: unknown) => void;
  incoming?: IncomingTensor;
}

/** The receiving side of one connection: pulls share it, told apart by the number of the request. */
export class ClientConnection implements PeerConnection {
  /** Fulfilled once the peer has shown the expected incarnation. */
  readonly opened: Promise<void>;
  private readonly options: ClientConnectionOptions;
  private readonly socket: Socket;
  private readonly pending = new Map<number, Pending>();
  private readonly heartbeat: Heartbeat;
  private readonly stopHandshake: () => void;
  private open: { resolve: () => void; reject: (error: unknown) => void };
  private failure: unknown;
  private requests = 0;

  constructor(options: ClientConnectionOptions) {
    this.options = options;
    const { clock, limits, worker } = options;
    let open = { resolve: () => {}, reject: (_: unknown) => {} };
    this.opened = new Promise<void>((resolve, reject) => {
      open = { resolve, reject };
    });
    this.opened.catch(() => {});
    this.open = open;
    this.stopHandshake = clock.after(limits.handshake, () =>
      this.close(unavailable(worker, `did not answer within ${limits.handshake} ms.`)),
    );
    this.socket = this.connect();
    this.heartbeat = new Heartbeat({
      clock,
      limits,
      busy: () => this.pending.size > 0,
      ping: () => this.socket.write(encodeFrame('ping', 0)),
      dead: (silent) => this.close(unavailable(worker, `has been silent for ${silent} ms.`)),
    });
  }

  get closed(): boolean {
    return this.failure !== undefined;
  }

  get peer(): Peer {
    return this.options.peer;
  }

  /** Pulls one tensor over the open connection. */
  receive(request: ReceiveRequest): Promise<HostTensor> {
    if (this.closed) return Promise.reject(this.failure);
    const { clock } = this.options;
    const number = this.nextNumber();
    return new Promise<HostTensor>((resolve, reject) => {
      const stop = watch(request, clock, (error) => this.give(number, error));
      this.pending.set(number, {
        request,
        resolve: (value) => {
          stop();
          resolve(value);
        },
        reject: (error) => {
          stop();
          reject(error);
        },
      });
      const { step, key, deadline } = request;
      const payload = encodePull({ step, key, remaining: deadline - clock.now() });
      this.socket.write(encodeFrame('pull', number, payload));
      this.heartbeat.start();
    });
  }

  /** Fails all who wait with this error, and hangs up. */
  close(error: unknown): void {
    if (this.closed) return;
    this.failure = error;
    this.stopHandshake();
    this.heartbeat.stop();
    this.socket.destroy();
    this.open.reject(error);
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of waiting) reject(error);
  }

  private connect(): Socket {
    const { peer, security, worker, from } = this.options;
    const reader = new FrameReader('sender', {
      frame: (head, payload) => this.frame(head, payload),
      data: (number, piece) => this.data(number, piece),
    });
    const received = (bytes: Buffer): boolean => {
      if (this.closed) return false;
      this.heartbeat.heard();
      try {
        reader.feed(bytes);
      } catch (error) {
        this.close(error);
      }
      return !this.closed;
    };
    const secure = security.tls !== undefined;
    const socket = openSocket({ to: peer, security, hello: { worker: from }, received });
    socket.on('error', (error) => this.close(connectionError(error, worker, secure)));
    socket.on('close', () => this.close(unavailable(worker, 'closed the connection.')));
    return socket;
  }

  private nextNumber(): number {
    do this.requests = (this.requests % (2 ** 32 - 1)) + 1;
    while (this.pending.has(this.requests));
    return this.requests;
  }

  private frame(head: FrameHead, payload: Buffer): void {
    const { kind, request } = head;
    if (kind === 'welcome') this.welcome(payload);
    else if (kind === 'tensor') this.tensor(request, payload);
    else if (kind === 'failure') {
      const error = errorOf(decodeJson(payload), this.options.worker);
      if (request === 0) this.close(error);
      else this.settle(request)?.reject(error);
    } else if (kind !== 'pong') garbage(`a ${kind} came.`);
  }

  private welcome(payload: Buffer): void {
    const { worker, peer } = this.options;
    checkedIncarnation(decodeWelcome(payload), { worker, incarnation: peer.incarnation });
    this.stopHandshake();
    this.open.resolve();
  }

  private tensor(number: number, payload: Buffer): void {
    const pending = this.pending.get(number);
    // The answer to a request that was cancelled may still be on its way.
    if (!pending) return;
    if (pending.incoming) garbage('a tensor came twice.');
    try {
      const header = decodeHeader(payload, this.options.limits.tensorBytes);
      pending.incoming = new IncomingTensor(header, pending.request.into);
    } catch (error) {
      this.give(number, error);
    }
    this.finish(number, pending);
  }

  private data(number: number, piece: Buffer): void {
    const pending = this.pending.get(number);
    if (!pending) return;
    const { incoming } = pending;
    if (!incoming) throw garbage('data came before its tensor.');
    incoming.write(piece);
    this.finish(number, pending);
  }

  private finish(number: number, { incoming }: Pending): void {
    if (incoming?.missing === 0) this.settle(number)?.resolve(incoming.finish());
  }

  private settle(number: number): Pending | undefined {
    const pending = this.pending.get(number);
    this.pending.delete(number);
    return pending;
  }

  /** Ends one request from this side. */
  private give(number: number, error: unknown): void {
    const pending = this.settle(number);
    if (!pending) return;
    this.socket.write(encodeFrame('cancel', number));
    pending.reject(error);
  }
}

function connectionError(error: NodeJS.ErrnoException, worker: string, tls: boolean): GraphError {
  // Errors of the system carry the call that failed; a connection that is reset during the handshake carries none.
  if (!tls || error.syscall !== undefined || error.code === 'ECONNRESET')
    return unavailable(worker, `cannot be reached: ${error.message}.`, error);
  return new GraphError('UNAUTHENTICATED', 'receive', {
    what: `TLS with worker ${worker} failed: ${error.message}.`,
    fix: 'give both sides certificates of the same authority, made out to their hosts.',
    cause: error,
  });
}
