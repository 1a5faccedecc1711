import type { SeededRandom } from './seeded-random.js';
import type { VirtualClock } from './virtual-clock.js';

export interface NetworkFaults {
  /** Least and greatest delay of a message; messages overtake each other. */
  readonly delay: readonly [least: number, greatest: number];
  /** Probabilities for each message. */
  readonly loss: number;
  readonly duplication: number;
}

/** Delivers messages late, twice, in another order or not at all; links can be cut in one direction. */
export class Network {
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #cut = new Set<string>();
  #faults: NetworkFaults;
  /** Messages that were handed to a receiver. */
  delivered = 0;

  constructor(clock: VirtualClock, random: SeededRandom, faults: NetworkFaults) {
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
  }

  cut(from: string, to: string): void {
    this.#cut.add(`${from}>${to}`);
  }

  mend(from: string, to: string): void {
    this.#cut.delete(`${from}>${to}`);
  }

  /** Ends all faults but delay. */
  calm(): void {
    this.#cut.clear();
    this.#faults = { ...this.#faults, loss: 0, duplication: 0 };
  }

  send(from: string, to: string, deliver: () => void): void {
    const { loss, duplication, delay } = this.#faults;
    if (this.#cut.has(`${from}>${to}`) || this.#random.chance(loss)) return;
    for (let copies = this.#random.chance(duplication) ? 2 : 1; copies > 0; copies--) {
      this.#clock.schedule(this.#random.between(...delay), () => {
        this.delivered++;
        deliver();
      });
    }
  }
}
