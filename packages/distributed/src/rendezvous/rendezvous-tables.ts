import { GraphError, type HostTensor } from '@tenon/core';
import { type Clock, systemClock } from './clock.js';
import { type Sent, StepRendezvous } from './step-rendezvous.js';
import type { Wait } from './wait.js';

export interface RendezvousTablesOptions {
  readonly worker: string;
  readonly incarnation: string;
  readonly clock?: Clock;
  /** Milliseconds after which a step that nobody used is given up: its master probably vanished. Infinity: never. */
  readonly timeToLive?: number;
  /**
   * Milliseconds for which the end of a step is remembered, so that late callers fail instead of waiting; 0 where the caller knows
   * which steps have ended.
   */
  readonly remembered?: number;
}

/** Who asks for which value. */
export interface Pull extends Wait {
  readonly step: string;
  readonly key: string;
}

interface Entry {
  readonly table: StepRendezvous;
  expires: number;
}

const mostEnded = 4096;

/** The rendezvous of a worker, one for each step that runs. Steps end by `end` or `abort`, or by time. */
export class RendezvousTables {
  private readonly options: Required<RendezvousTablesOptions>;
  /** Both in the order in which they expire: whatever is used moves to the end. */
  private readonly running = new Map<string, Entry>();
  private readonly ended = new Map<string, Entry>();
  private timer: { readonly at: number; readonly stop: () => void } | undefined;
  private closed: StepRendezvous | undefined;

  constructor(options: RendezvousTablesOptions) {
    this.options = { clock: systemClock, timeToLive: 600_000, remembered: 60_000, ...options };
  }

  /** The table of a step, made where it is not there yet: a pull may come before the step's own request. */
  step(id: string): StepRendezvous {
    const { clock, timeToLive, worker, incarnation } = this.options;
    const over = this.closed ?? this.ended.get(id)?.table;
    if (over) return over;
    const table = this.running.get(id)?.table ?? new StepRendezvous({ worker, incarnation, clock });
    this.running.delete(id);
    this.running.set(id, { table, expires: clock.now() + timeToLive });
    this.schedule();
    return table;
  }

  send(id: string, key: string, value: HostTensor, options: Omit<Sent, 'value'> = {}): void {
    this.step(id).send(key, value, options);
  }

  async take({ step, key, ...wait }: Pull): Promise<Sent> {
    return this.step(step).take(key, wait);
  }

  /** Frees a step that came to its end. */
  end(id: string): void {
    this.abort(
      id,
      new GraphError('RUN_ABORTED', 'rendezvous', {
        what: `step ${id} of worker ${this.options.worker} has ended.`,
      }),
    );
  }

  /** Fails a step, whoever waits in it and whoever comes later, and frees it. The first reason stays. */
  abort(id: string, error: unknown): void {
    if (this.closed || this.ended.has(id)) return;
    const { clock, remembered } = this.options;
    const { table } = this.running.get(id) ?? { table: new StepRendezvous(this.options) };
    this.running.delete(id);
    table.abort(error);
    if (remembered > 0) this.ended.set(id, { table, expires: clock.now() + remembered });
    const [oldest] = this.ended.keys();
    if (this.ended.size > mostEnded) this.ended.delete(oldest as string);
    this.schedule();
  }

  /** Fails all steps, now and later, and forgets them. */
  close(error: unknown = closed(this.options.worker)): void {
    this.closed ??= new StepRendezvous(this.options);
    this.closed.abort(error);
    for (const { table } of this.running.values()) table.abort(error);
    this.running.clear();
    this.ended.clear();
    this.schedule();
  }

  /** Steps that run, values and waits in them, and ends that are remembered. */
  get counts(): { readonly running: number; readonly entries: number; readonly ended: number } {
    let entries = 0;
    for (const { table } of this.running.values()) entries += table.open.length;
    return { running: this.running.size, entries, ended: this.ended.size };
  }

  private schedule(): void {
    const [first] = this.running.values();
    const [second] = this.ended.values();
    const next = Math.min(first?.expires ?? Infinity, second?.expires ?? Infinity);
    if (this.timer?.at === next) return;
    // A timer that fires too early only looks again; uses move expiries back all the time.
    if (next !== Infinity && this.timer && this.timer.at < next) return;
    this.timer?.stop();
    this.timer = undefined;
    if (next === Infinity) return;
    const stop = this.options.clock.after(next - this.options.clock.now(), () => {
      this.timer = undefined;
      this.sweep();
    });
    this.timer = { at: next, stop };
  }

  private sweep(): void {
    const now = this.options.clock.now();
    for (const [id, { expires }] of this.ended) if (expires <= now) this.ended.delete(id);
    for (const [id, { expires }] of [...this.running]) if (expires <= now) this.expire(id);
    this.schedule();
  }

  private expire(id: string): void {
    const { worker, timeToLive } = this.options;
    this.abort(
      id,
      new GraphError('RUN_ABORTED', 'rendezvous', {
        what: `step ${id} of worker ${worker} was not used for ${timeToLive} ms; its master probably vanished.`,
      }),
    );
  }
}

const closed = (worker: string) =>
  new GraphError('UNAVAILABLE', 'rendezvous', { what: `worker ${worker} was closed.` });
