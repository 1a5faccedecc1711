import type { Commit, CommitAnswer, Update } from '../commit.js';
import { Leases, type LeasesState } from '../leases.js';
import { PushAnswers, type PushAnswersState } from './push-answers.js';
import { StalenessBounds, type StalenessOptions, type StalenessState } from './staleness-bounds.js';
import type {
  Advance,
  Decision,
  Outcome,
  Place,
  ProtocolState,
  UpdateProtocol,
} from './update-protocol.js';

export interface AsynchronousOptions extends StalenessOptions {
  readonly leaseTime: number;
}

interface State {
  readonly dropped: number;
  readonly bounds: StalenessState;
  readonly leases: LeasesState;
  readonly answers: PushAnswersState;
  readonly rounds: readonly (readonly [worker: number, round: number])[];
  readonly underway: readonly number[];
}

/**
 * Asynchronous updates: each commit is an update, in the order of arrival, unless it is too stale or its worker too
 * far ahead. A worker goes on once its own update is applied, so that it reads what it wrote.
 */
export class Asynchronous implements UpdateProtocol {
  readonly #bounds: StalenessBounds;
  readonly #leases: Leases;
  readonly #answers = new PushAnswers();
  readonly #rounds = new Map<number, number>();
  readonly #underway = new Set<number>();
  #dropped = 0;

  constructor(options: AsynchronousOptions) {
    this.#bounds = new StalenessBounds(options);
    this.#leases = new Leases(options.leaseTime);
  }

  get version(): number {
    return this.#bounds.version;
  }

  get dropped(): number {
    return this.#dropped;
  }

  join(worker: number, incarnation: number, now: number): boolean {
    const joined = this.#leases.join(worker, incarnation, now);
    this.#count(worker);
    return joined;
  }

  renew(worker: number, incarnation: number, now: number): boolean {
    return this.#leases.renew(worker, incarnation, now);
  }

  leave(worker: number, incarnation: number): boolean {
    const left = this.#leases.leave(worker, incarnation);
    this.#count(worker);
    return left;
  }

  expire(now: number): number[] {
    const ended = this.#leases.expire(now);
    for (const worker of ended) this.#count(worker);
    return ended;
  }

  /** The clock of a worker counts while it holds a lease or its update is underway. */
  #count(worker: number): void {
    if (this.#leases.has(worker) || this.#underway.has(worker)) this.#bounds.enter(worker);
    else this.#bounds.leave(worker);
  }

  place(worker: number): Place | undefined {
    const waits = this.#underway.has(worker) || this.#bounds.ahead(worker);
    if (!this.#leases.has(worker) || waits) return undefined;
    return { group: worker, round: this.#rounds.get(worker) ?? 0, shared: false };
  }

  commit(commit: Commit, now: number): Decision {
    const { worker, tag } = commit;
    const version = this.version;
    const answered = (code: CommitAnswer['code']): Decision => ({
      answer: { code, version },
      cancel: [],
    });
    if (!this.renew(worker, commit.incarnation, now)) return answered('ABORTED');
    const seen = this.#answers.find(commit, version);
    if (seen) return { answer: seen, cancel: [] };
    const round = this.#rounds.get(worker) ?? 0;
    if (tag > version || commit.round > round || this.#bounds.ahead(worker)) {
      return answered('FAILED_PRECONDITION');
    }
    const late = commit.round < round || this.#underway.has(worker);
    if (late || this.#bounds.tooStale(tag)) {
      const answer = this.refuse(commit);
      if (late) return { answer, cancel: [] };
      return { answer, cancel: [], refused: [commit], advance: this.#next(worker) };
    }
    const answer = this.#answers.remember(commit, { code: 'JOINED', version });
    this.#underway.add(worker);
    return { answer, update: this.#update(commit), cancel: [] };
  }

  /** The next step of the worker reads newer parameters. */
  overtaken(): undefined {}

  /** Every commit has become an update at once. */
  flush(): Outcome[] {
    return [];
  }

  answered(commit: Commit): CommitAnswer | undefined {
    return this.#answers.find(commit, this.version);
  }

  refuse(commit: Commit): CommitAnswer {
    this.#dropped++;
    return this.#answers.remember(commit, { code: 'STALE', version: this.version });
  }

  #update(commit: Commit): Update {
    return {
      group: commit.worker,
      round: this.#rounds.get(commit.worker) ?? 0,
      members: [commit],
      examples: commit.examples,
      ...this.#bounds.admit(commit.worker, commit.tag),
    };
  }

  #next(worker: number): Advance {
    const round = (this.#rounds.get(worker) ?? 0) + 1;
    this.#rounds.set(worker, round);
    const workers = this.#leases.has(worker) ? [worker] : [];
    return { group: worker, round, version: this.version, workers };
  }

  /** There are no groups to move between. */
  regroup(): Outcome[] {
    return [];
  }

  applied({ group }: Update): Advance {
    this.#underway.delete(group);
    this.#count(group);
    return this.#next(group);
  }

  rounds(): readonly (readonly [number, number])[] {
    return [...this.#rounds];
  }

  rewind(version: number, rounds: readonly (readonly [number, number])[]): void {
    this.#bounds.rewind(version);
    this.#underway.clear();
    this.#rounds.clear();
    for (const [worker, round] of rounds) this.#rounds.set(worker, round);
  }

  state(): ProtocolState {
    const state: State = {
      dropped: this.#dropped,
      bounds: this.#bounds.state(),
      leases: this.#leases.state(),
      answers: this.#answers.state(),
      rounds: [...this.#rounds],
      underway: [...this.#underway],
    };
    return { ...state };
  }

  restore(saved: ProtocolState, now: number): void {
    const state = saved as unknown as State;
    this.#dropped = state.dropped;
    this.#bounds.restore(state.bounds);
    this.#leases.restore(state.leases, now);
    this.#answers.restore(state.answers);
    this.#rounds.clear();
    this.#underway.clear();
    for (const [worker, round] of state.rounds) this.#rounds.set(worker, round);
    for (const worker of state.underway) this.#underway.add(worker);
  }
}
