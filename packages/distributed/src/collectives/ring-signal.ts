import type { GraphError } from '@tenon/core';
import { errorOf, failureOf, type WireFailure } from '../transport/failure.js';

const [bell, state, length] = [0, 1, 2];
const [working, failing, failed] = [0, 1, 2];
const headBytes = 12;
const textBytes = 2 ** 14;

export const newSignalMemory = (): SharedArrayBuffer =>
  new SharedArrayBuffer(headBytes + textBytes);

/**
 * What wakes a replica that waits for its neighbours, in shared memory: a count of what happened, and the error that ended the ring.
 * Any thread may ring or abort; only the replica waits.
 */
export class RingSignal {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;
  private readonly text: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, headBytes / 4);
    this.text = new Uint8Array(memory, headBytes);
  }

  /** What happened so far; to be read before one looks whether there is anything to do. */
  get count(): number {
    return Atomics.load(this.words, bell);
  }

  ring(): void {
    Atomics.add(this.words, bell, 1);
    Atomics.notify(this.words, bell);
  }

  /** Sleeps until something happens after `seen`, or so many milliseconds have passed. */
  sleep(seen: number, milliseconds: number): void {
    Atomics.wait(this.words, bell, seen, milliseconds);
  }

  /** Ends the ring for the replica. The first reason stays. */
  abort(error: unknown, who: string): void {
    if (Atomics.compareExchange(this.words, state, working, failing) !== working) return;
    const failure = failureOf(error, who);
    const whole = encoded(failure);
    const bytes = whole.length <= textBytes ? whole : encoded(shortened(failure));
    this.text.set(bytes);
    Atomics.store(this.words, length, bytes.length);
    Atomics.store(this.words, state, failed);
    this.ring();
  }

  /** The error that ended the ring, with the replica where it came up. */
  get failure(): GraphError | undefined {
    if (Atomics.load(this.words, state) !== failed) return undefined;
    const bytes = this.text.slice(0, Atomics.load(this.words, length));
    return errorOf(JSON.parse(new TextDecoder().decode(bytes)), '');
  }
}

const encoded = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const shortened = ({ code, where, what, worker }: WireFailure): WireFailure => ({
  code,
  where: where.slice(0, 200),
  what: what.slice(0, 1000),
  fix: '',
  worker: worker.slice(0, 200),
});
