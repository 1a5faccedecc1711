import { BinaryHeap } from '../../simulate/binary-heap.js';
import type { VirtualClock } from '../../simulate/virtual-clock.js';

interface Stream {
  /** What each stream must have been served, counted from the last idle time, when this one is done. */
  readonly finish: number;
  readonly done: () => void;
}

// What is left of a stream by rounding may take less time than the clock can tell from none.
const tolerance = 1e-12;

/** A resource of so many bytes per second that all streams in it share equally. */
export class SharedRate {
  readonly #clock: VirtualClock;
  readonly #rate: number;
  readonly #streams = new BinaryHeap<Stream>((a, b) => a.finish < b.finish);
  #served = 0;
  #since = 0;
  #next = Number.POSITIVE_INFINITY;
  #busy = 0;

  constructor(clock: VirtualClock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Seconds in which there was at least one stream. */
  get busy(): number {
    this.#advance();
    return this.#busy;
  }

  add(bytes: number, done: () => void): void {
    this.#advance();
    this.#streams.push({ finish: this.#served + bytes, done });
    this.#schedule();
  }

  #advance(): void {
    const { now } = this.#clock;
    const { size } = this.#streams;
    if (size === 0) this.#served = 0;
    else {
      this.#served += ((now - this.#since) * this.#rate) / size;
      this.#busy += now - this.#since;
    }
    this.#since = now;
  }

  /** An event that turns out to be early, since streams came after it was scheduled, schedules another. */
  #schedule(): void {
    const { first, size } = this.#streams;
    if (!first) return;
    const time = this.#clock.now + this.#left(first, size);
    if (time >= this.#next) return;
    this.#next = time;
    this.#clock.scheduleAt(time, () => this.#finish(time));
  }

  /** Seconds until a stream is done if so many share the rate until then. */
  #left({ finish }: Stream, size: number): number {
    return (Math.max(0, finish - this.#served) * size) / this.#rate;
  }

  #finish(time: number): void {
    // A later event than the one that is due is left over from before a short stream came.
    if (time !== this.#next) return;
    this.#next = Number.POSITIVE_INFINITY;
    this.#advance();
    const ended: Stream[] = [];
    for (;;) {
      const { first, size } = this.#streams;
      if (!first || this.#left(first, size) > tolerance * Math.max(1, time)) break;
      ended.push(first);
      this.#streams.pop();
    }
    this.#schedule();
    for (const { done } of ended) done();
  }
}
