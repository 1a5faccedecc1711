import { GraphError, type HostTensor } from '@tenon/core';
import type { Clock } from './clock.js';
import { parseKey } from './rendezvous-key.js';
import { overBefore, type Wait, watch } from './wait.js';

/** A value that waits for its receiver. */
export interface Sent {
  readonly value: HostTensor;
  /** Lossy dtype between processes; as the value is when left out. Only float32 is ever narrowed. */
  readonly wire?: 'bfloat16' | undefined;
}

interface Waiter {
  resolve(sent: Sent): void;
  reject(error: unknown): void;
}

export interface StepRendezvousOptions {
  /** The worker whose devices send into this table; named in errors. */
  readonly worker: string;
  /** The present life of that worker. */
  readonly incarnation: string;
  readonly clock: Clock;
}

/**
 * Where the parts of one step meet at the worker that sends. Each key has a queue of values or of waiters, never both, and either is
 * served in the order of arrival. A key of another incarnation is refused with ABORTED.
 */
export class StepRendezvous {
  private readonly options: StepRendezvousOptions;
  private readonly values = new Map<string, Sent[]>();
  private readonly waiters = new Map<string, Set<Waiter>>();
  /** Kept in an object: what was thrown may be undefined. */
  private failure: { readonly error: unknown } | undefined;

  constructor(options: StepRendezvousOptions) {
    this.options = options;
  }

  /** Hands a value to whoever waits first, or keeps it. Errors: ABORTED, FORMAT_INVALID, and that of `abort`. */
  send(key: string, value: HostTensor, { wire }: Omit<Sent, 'value'> = {}): void {
    this.check(key);
    const sent = { value, wire };
    const [waiter] = this.waiters.get(key) ?? [];
    if (waiter) {
      this.remove(key, waiter);
      waiter.resolve(sent);
      return;
    }
    const queue = this.values.get(key);
    if (queue) queue.push(sent);
    else this.values.set(key, [sent]);
  }

  /** The value alone; see `take`. */
  async receive(key: string, wait: Wait = {}): Promise<HostTensor> {
    return (await this.take(key, wait)).value;
  }

  /** The next value of a key, when it is there. Errors: ABORTED, DEADLINE_EXCEEDED, RUN_ABORTED, and that of `abort`. */
  async take(key: string, wait: Wait = {}): Promise<Sent> {
    this.check(key);
    const awaited = { ...wait, key, worker: this.options.worker };
    const queue = this.values.get(key);
    if (queue) {
      if (wait.signal?.aborted) throw overBefore(awaited, this.options.clock);
      const sent = queue.shift() as Sent;
      if (queue.length === 0) this.values.delete(key);
      return sent;
    }
    const over = overBefore(awaited, this.options.clock);
    if (over) throw over;
    return new Promise<Sent>((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (sent) => {
          stop();
          resolve(sent);
        },
        reject: (error) => {
          stop();
          reject(error);
        },
      };
      const stop = watch(awaited, this.options.clock, (error) => {
        this.remove(key, waiter);
        reject(error);
      });
      const waiting = this.waiters.get(key);
      if (waiting) waiting.add(waiter);
      else this.waiters.set(key, new Set([waiter]));
    });
  }

  /** Drops all values, fails everyone who waits and everyone who comes later. */
  abort(error: unknown): void {
    this.failure ??= { error };
    const waiting = [...this.waiters.values()].flatMap((queue) => [...queue]);
    this.waiters.clear();
    this.values.clear();
    for (const waiter of waiting) waiter.reject(this.failure.error);
  }

  /** Keys that were sent and never received, or the other way round. */
  get open(): readonly string[] {
    return [...this.values.keys(), ...this.waiters.keys()];
  }

  private check(key: string): void {
    if (this.failure) throw this.failure.error;
    const { worker, incarnation } = this.options;
    const { sourceIncarnation } = parseKey(key);
    if (sourceIncarnation === incarnation) return;
    throw new GraphError('ABORTED', 'rendezvous', {
      what: `${key} names incarnation ${sourceIncarnation} of worker ${worker}, which is now ${incarnation}: the worker was probably restarted.`,
      fix: 'make a new session and restore the last checkpoint.',
    });
  }

  private remove(key: string, waiter: Waiter): void {
    const queue = this.waiters.get(key);
    queue?.delete(waiter);
    if (queue?.size === 0) this.waiters.delete(key);
  }
}
