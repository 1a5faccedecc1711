import type { Commit, CommitAnswer } from '../commit.js';

/** Answers kept of one incarnation; a network that repeats a message later than this many pushes gets STALE. */
const kept = 16;

interface Remembered {
  readonly incarnation: number;
  readonly answers: (readonly [push: number, answer: CommitAnswer])[];
}

export type PushAnswersState = readonly (readonly [worker: number, remembered: Remembered])[];

/** The answers given to pushes, so that a retried or repeated push gets the same again and counts once. */
export class PushAnswers {
  readonly #workers = new Map<number, Remembered>();

  /** The earlier answer; STALE for a push that a later one of the worker has overtaken; undefined if new. */
  find({ worker, incarnation, push }: Commit, version: number): CommitAnswer | undefined {
    const remembered = this.#workers.get(worker);
    if (remembered?.incarnation !== incarnation) return undefined;
    const found = remembered.answers.find(([id]) => id === push);
    if (found) return found[1];
    const last = remembered.answers.at(-1);
    return last && push < last[0] ? { code: 'STALE', version } : undefined;
  }

  remember({ worker, incarnation, push }: Commit, answer: CommitAnswer): CommitAnswer {
    const earlier = this.#workers.get(worker);
    const answers = earlier?.incarnation === incarnation ? earlier.answers : [];
    const others = answers.filter(([id]) => id !== push);
    const next = [...others, [push, answer] as const].slice(-kept);
    this.#workers.set(worker, { incarnation, answers: next });
    return answer;
  }

  state(): PushAnswersState {
    return [...this.#workers];
  }

  restore(state: PushAnswersState): void {
    this.#workers.clear();
    for (const [worker, remembered] of state) this.#workers.set(worker, remembered);
  }
}
