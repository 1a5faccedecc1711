import { GraphError } from '@tenon/core';
import { type Commit, type CommitAnswer, inOrderOfData, type Update } from '../commit.js';
import { Leases, type LeasesState } from '../leases.js';
import { checkCount } from './check-count.js';
import { PushAnswers, type PushAnswersState } from './push-answers.js';
import type {
  Advance,
  Decision,
  Outcome,
  Place,
  ProtocolState,
  UpdateProtocol,
} from './update-protocol.js';

export interface CommitSetsOptions {
  /** Gradients of m distinct workers make an update; further workers are backups. */
  readonly take: number;
  readonly leaseTime: number;
}

interface State {
  readonly version: number;
  readonly dropped: number;
  readonly frozen: boolean;
  readonly members: readonly Commit[];
  readonly leases: LeasesState;
  readonly answers: PushAnswersState;
}

/**
 * Synchronous updates, m of n. The first m commits of version g make its commit set, which is frozen then; g + 1
 * begins only with `applied`, and what comes late is dropped and counted.
 * Source: Chen et al. 2016, "Revisiting Distributed Synchronous SGD" (backup workers; no token queue here).
 */
export class CommitSets implements UpdateProtocol {
  readonly #take: number;
  readonly #leases: Leases;
  readonly #answers = new PushAnswers();
  readonly #members = new Map<number, Commit>();
  #version = 0;
  #frozen = false;
  #dropped = 0;

  /** Errors: ATTRIBUTE_INVALID. */
  constructor({ take, leaseTime }: CommitSetsOptions) {
    checkCount('CommitSets', 'take', take, 1);
    this.#take = take;
    this.#leases = new Leases(leaseTime);
  }

  get version(): number {
    return this.#version;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Members of the commit set of the present version, in the order in which they are added up. */
  get members(): readonly Commit[] {
    return [...this.#members.values()].sort(inOrderOfData);
  }

  /** Workers that hold a lease, or whose commits have joined already: with m of them the version can be completed. */
  get strength(): number {
    return new Set([...this.#leases.workers(), ...this.#members.keys()]).size;
  }

  /** Whether the set of the present version is complete and being applied. */
  get frozen(): boolean {
    return this.#frozen;
  }

  workers(): number[] {
    return this.#leases.workers();
  }

  join(worker: number, incarnation: number, now: number): boolean {
    return this.#leases.join(worker, incarnation, now);
  }

  renew(worker: number, incarnation: number, now: number): boolean {
    return this.#leases.renew(worker, incarnation, now);
  }

  leave(worker: number, incarnation: number): boolean {
    return this.#leases.leave(worker, incarnation);
  }

  /** Ends the lease of a worker, which may join again elsewhere; its commit, unless it is being applied, is dropped and given. */
  withdraw(worker: number): readonly Commit[] {
    this.#leases.end(worker);
    const commit = this.#members.get(worker);
    if (!commit || this.#frozen) return [];
    this.#members.delete(worker);
    this.refuse(commit);
    return [commit];
  }

  expire(now: number): number[] {
    return this.#leases.expire(now);
  }

  place(worker: number): Place | undefined {
    if (!this.#leases.has(worker) || this.#frozen || this.#members.has(worker)) return undefined;
    return { group: 0, round: this.#version, shared: this.#take > 1 };
  }

  commit(commit: Commit, now: number): Decision {
    const version = this.#version;
    if (!this.renew(commit.worker, commit.incarnation, now)) return only('ABORTED', version);
    const seen = this.#answers.find(commit, version);
    if (seen) return { answer: seen, cancel: [] };
    if (commit.tag > version) return only('FAILED_PRECONDITION', version);
    // A set is of m distinct workers: a restarted worker does not join the set that its former self is in.
    if (commit.tag < version || this.#frozen || this.#members.has(commit.worker)) {
      return { answer: this.refuse(commit), cancel: [] };
    }
    this.#members.set(commit.worker, commit);
    const answer = this.#answers.remember(commit, { code: 'JOINED', version });
    return { answer, ...(this.#members.size === this.#take ? this.#freeze() : { cancel: [] }) };
  }

  #freeze(): Outcome {
    this.#frozen = true;
    const members = this.members;
    const update: Update = {
      version: this.#version,
      group: 0,
      round: this.#version,
      members,
      examples: members.reduce((sum, { examples }) => sum + examples, 0),
      staleness: 0,
      scale: 1,
    };
    return { update, cancel: this.workers().filter((id) => !this.#members.has(id)) };
  }

  /** Parameters are never older than the round. */
  overtaken(): undefined {}

  flush(): Outcome[] {
    return this.#frozen || this.#members.size === 0 ? [] : [this.#freeze()];
  }

  /** There are no groups to move between. */
  regroup(): Outcome[] {
    return [];
  }

  applied({ version }: Update): Advance {
    if (!this.#frozen || version !== this.#version) {
      throw new GraphError('STATE_INVALID', 'CommitSets.applied', {
        what: `version ${version} was acknowledged, but version ${this.#version} is ${this.#frozen ? 'being applied' : 'not complete'}.`,
      });
    }
    return this.discard();
  }

  /** Ends the version, whatever its members, and begins the next. */
  discard(): Advance {
    this.#members.clear();
    this.#frozen = false;
    this.#version++;
    return { group: 0, round: this.#version, version: this.#version, workers: this.workers() };
  }

  answered(commit: Commit): CommitAnswer | undefined {
    return this.#answers.find(commit, this.#version);
  }

  refuse(commit: Commit): CommitAnswer {
    this.#dropped++;
    return this.#answers.remember(commit, { code: 'STALE', version: this.#version });
  }

  rounds(): readonly (readonly [number, number])[] {
    return [[0, this.#version]];
  }

  rewind(version: number): void {
    this.#members.clear();
    this.#frozen = false;
    this.#version = version;
  }

  state(): ProtocolState {
    const state: State = {
      version: this.#version,
      dropped: this.#dropped,
      frozen: this.#frozen,
      members: [...this.#members.values()],
      leases: this.#leases.state(),
      answers: this.#answers.state(),
    };
    return { ...state };
  }

  restore(saved: ProtocolState, now: number): void {
    const state = saved as unknown as State;
    this.#version = state.version;
    this.#dropped = state.dropped;
    this.#frozen = state.frozen;
    this.#members.clear();
    for (const member of state.members) this.#members.set(member.worker, member);
    this.#leases.restore(state.leases, now);
    this.#answers.restore(state.answers);
  }
}

function only(code: CommitAnswer['code'], version: number): Decision {
  return { answer: { code, version }, cancel: [] };
}
