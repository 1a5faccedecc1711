import { BinaryHeap } from './binary-heap.js';

interface Event {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

const before = (a: Event, b: Event): boolean =>
  a.time < b.time || (a.time === b.time && a.order < b.order);

/** Time that passes only from one event to the next; events of one time happen in the order they were scheduled. */
export class VirtualClock {
  readonly #events = new BinaryHeap(before);
  #order = 0;
  #now = 0;

  get now(): number {
    return this.#now;
  }

  schedule(delay: number, action: () => void): void {
    this.scheduleAt(this.#now + delay, action);
  }

  /** At once where the time is past. */
  scheduleAt(time: number, action: () => void): void {
    this.#events.push({ time: Math.max(this.#now, time), order: this.#order++, action });
  }

  /** Lets the next event happen; false where there is none. */
  step(): boolean {
    const event = this.#events.pop();
    if (!event) return false;
    this.#now = event.time;
    event.action();
    return true;
  }
}
