interface Event {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

const before = (a: Event, b: Event): boolean =>
  a.time < b.time || (a.time === b.time && a.order < b.order);

/** Time that passes only from one event to the next; events of one time happen in the order they were scheduled. */
export class VirtualClock {
  // A binary heap, the earliest event first.
  readonly #heap: Event[] = [];
  #order = 0;
  #now = 0;

  get now(): number {
    return this.#now;
  }

  schedule(delay: number, action: () => void): void {
    const event = { time: this.#now + Math.max(0, delay), order: this.#order++, action };
    let at = this.#heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (before(this.#heap[parent] as Event, event)) break;
      this.#heap[at] = this.#heap[parent] as Event;
      at = parent;
    }
    this.#heap[at] = event;
  }

  /** Lets the next event happen; false where there is none. */
  step(): boolean {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (!first || !last) return false;
    if (this.#heap.length > 0) this.#sink(last);
    this.#now = first.time;
    first.action();
    return true;
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right && before(right, heap[child] as Event)) child++;
      if (before(event, heap[child] as Event)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = event;
  }
}
