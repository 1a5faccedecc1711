import { BatchQueue } from '../../coordinator/batch-queue.js';
import type { Batch } from '../../coordinator/commit.js';
import type { Coordinator } from '../../coordinator/coordinator.js';
import type { CoordinatorEffect } from '../../coordinator/coordinator-effect.js';
import type { SeededRandom } from '../seeded-random.js';
import type { VirtualClock } from '../virtual-clock.js';

export interface EpochFeedOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Examples of each batch. */
  readonly sizes: readonly number[];
  /** Batches that are offered before anybody asks for them. */
  readonly ahead: number;
  /** Time at which training is told to stop; what nobody has begun is left out then. */
  readonly cutTime?: number | undefined;
  /** Lets the coordinator act. */
  readonly drive: (act: (machine: Coordinator) => CoordinatorEffect[]) => void;
}

/** Least and greatest time from one look at the queue to the next. */
const turnTime = [1, 15] as const;

/** The chief of one epoch: offers batches as they are asked for, and ends the epoch, or cuts it. */
export class EpochFeed {
  readonly queue = new BatchQueue();
  /** Batches that were offered, less those that were left out. */
  offered: Batch[] = [];
  readonly #options: EpochFeedOptions;
  #ended = false;

  constructor(options: EpochFeedOptions) {
    this.#options = options;
  }

  /** Whether nothing more will be offered. */
  get ended(): boolean {
    return this.#ended;
  }

  start(): void {
    const { clock, random } = this.#options;
    this.#turn();
    if (!this.#ended) clock.schedule(random.between(...turnTime), () => this.start());
  }

  #turn(): void {
    const { clock, sizes, ahead, cutTime = Number.POSITIVE_INFINITY, drive } = this.#options;
    if (clock.now >= cutTime) {
      this.#ended = true;
      this.#cut();
      drive((machine) => machine.flush());
      return;
    }
    while (this.queue.free < ahead && this.offered.length < sizes.length) {
      this.offered.push(this.queue.offer(sizes[this.offered.length] as number));
      drive((machine) => machine.wake());
    }
    if (this.offered.length < sizes.length) return;
    this.#ended = true;
    this.queue.end();
    drive((machine) => machine.flush());
  }

  #cut(): void {
    const before = this.#left();
    this.queue.cut();
    const after = this.#left();
    this.offered = this.offered.filter(({ from }) => !before.has(from) || after.has(from));
  }

  #left(): Set<unknown> {
    return new Set(this.queue.state().left as readonly unknown[]);
  }
}
