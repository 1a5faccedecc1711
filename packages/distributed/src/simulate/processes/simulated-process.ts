import type { SeededRandom } from '../seeded-random.js';
import type { VirtualClock } from '../virtual-clock.js';

export interface ProcessOptions {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Time between two ticks. */
  readonly tickTime: number;
  /** Probability of a crash before each effect; asked anew each time, since faults end. */
  readonly crashes: () => number;
  /** Least and greatest time until a crashed process is started again. */
  readonly downTime: readonly [least: number, greatest: number];
  readonly send: (to: string, message: unknown) => void;
}

/** A process that can die between any two of its effects, with all that is not on its disk, and is started again. */
export abstract class SimulatedProcess<Effect> {
  protected readonly options: ProcessOptions;
  /** Starts so far; what was meant for an earlier life of the process does not reach this one. */
  protected starts = 0;
  /** Crashes so far. */
  crashes = 0;
  #alive = false;
  #ended = false;

  constructor(options: ProcessOptions) {
    this.options = options;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get now(): number {
    return this.options.clock.now;
  }

  start(): void {
    if (this.#ended) return;
    this.#alive = true;
    this.starts++;
    this.boot();
    this.#tick(this.starts);
  }

  /** kill -9; started again after a while. */
  crash(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.crashes++;
    const { clock, random, downTime } = this.options;
    clock.schedule(random.between(...downTime), () => this.start());
  }

  /** Ends it for good. */
  end(): void {
    this.#alive = false;
    this.#ended = true;
  }

  receive(message: unknown): void {
    if (this.#alive) this.run(this.handle(message));
  }

  #tick(start: number): void {
    if (!this.#alive || start !== this.starts) return;
    this.run(this.tick());
    const { clock, tickTime } = this.options;
    clock.schedule(tickTime, () => this.#tick(start));
  }

  /** Performs effects in order; the process may die before each. */
  protected run(effects: readonly Effect[]): void {
    const start = this.starts;
    for (const effect of effects) {
      if (this.options.random.chance(this.options.crashes())) this.crash();
      if (!this.#alive || start !== this.starts) return;
      this.perform(effect);
    }
  }

  /** Makes a new machine from what is on the disk. */
  protected abstract boot(): void;
  protected abstract tick(): Effect[];
  protected abstract handle(message: unknown): Effect[];
  protected abstract perform(effect: Effect): void;
}
