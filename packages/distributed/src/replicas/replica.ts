import { errorOf, unavailable } from '../transport/failure.js';
import type { AbortMessage, FromReplica, RequestKind, Requests, ToReplica } from './messages.js';

/** The way to a replica in another thread or process. */
export interface Channel {
  /** Memory that is given away need not be copied. */
  post(message: ToReplica | AbortMessage, memory: readonly ArrayBuffer[]): void;
  /** Ends it at once, as a crash would; settles when it has ended. */
  kill(): Promise<void>;
}

export interface ChannelEvents {
  answer(message: FromReplica): void;
  /** It is gone, and why. */
  ended(why: string): void;
}

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A replica as its trainer sees it: asked by messages, which it answers in order. */
export class Replica {
  /** For errors: `replica 1`. */
  readonly name: string;
  private readonly channel: Channel;
  private readonly pending = new Map<number, Pending>();
  private readonly mourners = new Set<(error: unknown) => void>();
  private requests = 0;
  private last: Promise<void> = Promise.resolve();
  private end: Error | undefined;

  constructor(name: string, open: (events: ChannelEvents) => Channel) {
    this.name = name;
    this.channel = open({
      answer: (message) => this.answer(message),
      ended: (why) => this.ended(why),
    });
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.end === undefined;
  }

  /** Errors: UNAVAILABLE where it has ended, and what it failed with. */
  ask<K extends RequestKind>(
    kind: K,
    ask: Requests[K]['ask'],
    memory: readonly ArrayBuffer[] = [],
  ): Promise<Requests[K]['answer']> {
    if (this.end) return Promise.reject(this.end);
    const number = this.requests++;
    const answer = new Promise<Requests[K]['answer']>((resolve, reject) => {
      this.pending.set(number, { resolve, reject });
      this.channel.post({ kind, number, ask } as ToReplica, memory);
    });
    this.last = answer.then(
      () => {},
      () => {},
    );
    return answer;
  }

  /** Settles when everything is answered that it was asked so far. */
  settled(): Promise<void> {
    return this.last;
  }

  /** Ends the ring of a replica that has a process of its own. */
  abort(message: AbortMessage): void {
    if (!this.end) this.channel.post(message, []);
  }

  /** Calls `told` when it ends; at once if it has. */
  onEnd(told: (error: unknown) => void): void {
    if (this.end) told(this.end);
    else this.mourners.add(told);
  }

  kill(): Promise<void> {
    return this.channel.kill();
  }

  private answer(message: FromReplica): void {
    const pending = this.pending.get(message.number);
    this.pending.delete(message.number);
    if (!pending) return;
    if ('failure' in message) pending.reject(errorOf(message.failure, this.name));
    else pending.resolve(message.answer as never);
  }

  private ended(why: string): void {
    if (this.end) return;
    const error = unavailable(this.name, why);
    this.end = error;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
    for (const told of this.mourners) told(error);
    this.mourners.clear();
  }
}
