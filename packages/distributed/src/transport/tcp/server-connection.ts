import type { Socket } from 'node:net';
import { GraphError } from '@tenon/core';
import type { Clock } from '../../rendezvous/index.js';
import { failureOf } from '../failure.js';
import { type Limits, tooLarge } from '../limits.js';
import { type Security, tokenMatches, unauthenticated } from '../security.js';
import type { Self, TensorSource } from '../transport.js';
import { encodeFrame, type FrameHead, garbage } from './frame.js';
import { type FrameHandler, FrameReader } from './frame-reader.js';
import { decodeHello, decodePull, encodeJson } from './messages.js';
import { ResponseQueue } from './response-queue.js';

export interface ServerConnectionOptions {
  readonly self: Self;
  readonly source: TensorSource;
  readonly security: Security;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Who hears the packets of a connection that has some to exchange; such connections are refused when left out. */
  readonly packets?: ((socket: Socket) => FrameHandler) | undefined;
}

/** The listening side of one connection: answers the pulls of one peer, or leaves the connection to who hears its packets. */
export class ServerConnection {
  private readonly socket: Socket;
  private readonly options: ServerConnectionOptions;
  private readonly reader: FrameReader;
  private readonly responses: ResponseQueue;
  private readonly pulls = new Map<number, AbortController>();
  private readonly stopHandshake: () => void;
  /** Who hears all frames after the hello. */
  private packets: FrameHandler | undefined;
  private pongWaits = false;

  constructor(socket: Socket, options: ServerConnectionOptions) {
    this.socket = socket;
    this.options = options;
    this.responses = new ResponseQueue(socket);
    const { clock, limits } = options;
    this.stopHandshake = clock.after(limits.handshake, () => socket.destroy());
    this.reader = new FrameReader('newcomer', {
      frame: (head, payload) => this.frame(head, payload),
      data: (request, piece) => this.packets?.data(request, piece),
    });
    socket.setNoDelay(true);
    // Finds peers that vanished without a word while they waited for nothing.
    socket.setKeepAlive(true, limits.silence);
    socket.on('data', (bytes) => {
      try {
        if (!socket.writableEnded) this.reader.feed(bytes);
      } catch (error) {
        this.refuse(error);
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.end());
  }

  private end(): void {
    this.stopHandshake();
    this.responses.clear();
    for (const pull of this.pulls.values()) pull.abort();
    this.pulls.clear();
  }

  /** Tells the peer why, and hangs up. */
  private refuse(error: unknown): void {
    this.end();
    const frame = encodeFrame('failure', 0, encodeJson(failureOf(error, this.options.self.worker)));
    // The peer may never read it, or send on and on.
    this.socket.end(frame, () => this.socket.destroy());
    this.options.clock.after(this.options.limits.handshake, () => this.socket.destroy());
  }

  private frame(head: FrameHead, payload: Buffer): void {
    const { kind, request } = head;
    if (this.packets) this.packets.frame(head, payload);
    else if (kind === 'hello') this.hello(payload);
    else if (kind === 'pull') this.pull(request, payload);
    else if (kind === 'cancel') this.cancel(request);
    else this.pong();
  }

  private hello(payload: Buffer): void {
    const { security, packets } = this.options;
    const hello = decodeHello(payload);
    if (!tokenMatches(security.token, hello.token)) throw unauthenticated();
    this.stopHandshake();
    if (hello.packets && !packets) garbage('no packets are taken here.');
    this.welcome();
    this.reader.becomes(hello.packets ? 'peer' : 'receiver');
    if (hello.packets) this.packets = packets?.(this.socket);
  }

  private welcome(): void {
    const { worker, incarnation } = this.options.self;
    this.responses.frame(0, encodeFrame('welcome', 0, encodeJson({ worker, incarnation })));
  }

  private pull(request: number, payload: Buffer): void {
    const { clock, source, limits } = this.options;
    const { step, key, remaining } = decodePull(payload);
    if (request === 0 || this.pulls.has(request)) garbage(`request ${request} is taken.`);
    if (this.pulls.size >= limits.pulls) {
      throw new GraphError('DEVICE_LIMIT', 'transport', {
        what: `more than ${limits.pulls} pulls of one peer wait.`,
      });
    }
    const abort = new AbortController();
    this.pulls.set(request, abort);
    const done = () => this.pulls.delete(request);
    // The peer may have gone away, or have changed its mind, while the value was on its way.
    const wanted = () => this.pulls.get(request) === abort;
    const deadline = clock.now() + remaining;
    source.take({ step, key, deadline, signal: abort.signal }).then(
      (sent) => {
        const bytes = sent.value.data.byteLength;
        if (!wanted()) return;
        if (bytes <= limits.tensorBytes) this.responses.tensor(request, sent, done);
        else this.fail(request, tooLarge(key, bytes, limits.tensorBytes), done);
      },
      (error) => {
        if (wanted()) this.fail(request, error, done);
      },
    );
  }

  private fail(request: number, error: unknown, done: () => void): void {
    const frame = encodeFrame(
      'failure',
      request,
      encodeJson(failureOf(error, this.options.self.worker)),
    );
    this.responses.frame(request, frame, done);
  }

  private cancel(request: number): void {
    this.pulls.get(request)?.abort();
    this.pulls.delete(request);
    this.responses.drop(request);
  }

  private pong(): void {
    if (this.pongWaits) return;
    this.pongWaits = true;
    this.responses.frame(0, encodeFrame('pong', 0), () => {
      this.pongWaits = false;
    });
  }
}
