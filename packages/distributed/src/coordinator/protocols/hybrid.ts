import type { Commit, CommitAnswer, Update } from '../commit.js';
import { checkCount } from './check-count.js';
import { CommitSets, type CommitSetsOptions } from './commit-sets.js';
import { StalenessBounds, type StalenessOptions, type StalenessState } from './staleness-bounds.js';
import type {
  Advance,
  Decision,
  Outcome,
  Place,
  ProtocolState,
  UpdateProtocol,
} from './update-protocol.js';

export interface HybridOptions extends CommitSetsOptions, StalenessOptions {
  readonly groups: number;
}

interface State {
  readonly bounds: StalenessState;
  readonly sets: readonly ProtocolState[];
  readonly homes: readonly (readonly [worker: number, group: number])[];
}

/**
 * Hybrid updates: G groups, synchronous inside (m of n), asynchronous across; a group is one logical asynchronous
 * worker. G = 1 is synchronous, n = m = 1 is asynchronous.
 */
export class Hybrid implements UpdateProtocol {
  readonly #sets: readonly CommitSets[];
  readonly #bounds: StalenessBounds;
  readonly #take: number;
  readonly #homes = new Map<number, number>();

  /** Errors: ATTRIBUTE_INVALID. */
  constructor(options: HybridOptions) {
    const { groups } = options;
    checkCount('Hybrid', 'groups', groups, 1);
    this.#sets = Array.from({ length: groups }, () => new CommitSets(options));
    this.#bounds = new StalenessBounds(options);
    this.#take = options.take;
  }

  get version(): number {
    return this.#bounds.version;
  }

  get dropped(): number {
    return this.#sets.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  #set(group: number): CommitSets {
    return this.#sets[group] as CommitSets;
  }

  #home(worker: number): CommitSets | undefined {
    const group = this.#homes.get(worker);
    return group === undefined ? undefined : this.#set(group);
  }

  /** A worker that comes back finds its group again, a new one fills the smallest. */
  join(worker: number, incarnation: number, now: number): boolean {
    const sizes = this.#sets.map((set) => set.workers().length);
    const group = this.#homes.get(worker) ?? sizes.indexOf(Math.min(...sizes));
    this.#homes.set(worker, group);
    const joined = this.#set(group).join(worker, incarnation, now);
    this.#countGroups();
    return joined;
  }

  renew(worker: number, incarnation: number, now: number): boolean {
    return this.#home(worker)?.renew(worker, incarnation, now) ?? false;
  }

  leave(worker: number, incarnation: number): boolean {
    const left = this.#home(worker)?.leave(worker, incarnation) ?? false;
    this.#countGroups();
    return left;
  }

  expire(now: number): number[] {
    const ended = this.#sets.flatMap((set) => set.expire(now));
    this.#countGroups();
    return ended;
  }

  /**
   * Groups that are too small to complete a round get workers of each other, or such as others can spare, where that makes them large
   * enough: workers that have gone would else leave groups of which none can go on. Who is moved has to join again. Rounds that have become
   * too stale end.
   */
  regroup(): Outcome[] {
    const stale = this.#sets.flatMap((set, group) => (this.#stale(set) ? this.#refuse(group) : []));
    const small = new Set([...this.#sets.keys()].filter((group) => !this.#able(group)));
    const filled = new Set<number>();
    const refused: Commit[] = [];
    while (small.size > 0) {
      const strength = (group: number) => this.#set(group).strength;
      // Those that lack least come first.
      const [group] = [...small].sort((a, b) => strength(b) - strength(a)) as [number];
      small.delete(group);
      const lacking = this.#take - strength(group);
      const spare = this.#spare(new Set([...filled, group]));
      if (spare.length < lacking) continue;
      filled.add(group);
      for (const worker of spare.slice(0, lacking)) {
        refused.push(...(this.#home(worker)?.withdraw(worker) ?? []).map(turned));
        this.#homes.set(worker, group);
      }
    }
    this.#countGroups();
    return refused.length > 0 ? [...stale, { cancel: [], refused }] : stale;
  }

  /** Workers that all but some groups can do without, those of the smallest first. */
  #spare(but: ReadonlySet<number>): number[] {
    const others = this.#sets.filter((_, group) => !but.has(group));
    others.sort((a, b) => a.workers().length - b.workers().length);
    return others.flatMap((set) => {
      const members = new Set(set.members.map(({ worker }) => worker));
      const workers = set.workers().sort((a, b) => Number(members.has(b)) - Number(members.has(a)));
      return set.strength < this.#take ? workers : workers.slice(this.#take);
    });
  }

  #able(group: number): boolean {
    return this.#set(group).strength >= this.#take;
  }

  // A group that is too small to complete a round must not hold back the others by its clock.
  #countGroups(): void {
    for (const group of this.#sets.keys()) {
      if (this.#able(group)) this.#bounds.enter(group);
      else this.#bounds.leave(group);
    }
  }

  place(worker: number): Place | undefined {
    const group = this.#homes.get(worker);
    if (group === undefined || this.#bounds.ahead(group)) return undefined;
    const place = this.#set(group).place(worker);
    return place && { group, round: place.round, shared: this.#take > 1 };
  }

  commit(commit: Commit, now: number): Decision {
    const version = this.version;
    const group = this.#homes.get(commit.worker);
    if (group === undefined) return { answer: { code: 'ABORTED', version }, cancel: [] };
    // It was made for the group that the worker was in before.
    if ((commit.group ?? group) !== group) return { answer: this.refuse(commit), cancel: [] };
    const set = this.#set(group);
    const { length } = set.members;
    const decision = set.commit({ ...turned(commit), tag: this.#countedRound(group, commit) }, now);
    const answer = { ...decision.answer, version };
    if (set.members.length > length && this.#bounds.tooStale(commit.tag)) {
      return { answer: { code: 'STALE', version: this.version }, ...this.#refuse(group) };
    }
    if (!decision.update) return { ...decision, answer };
    return { ...decision, answer, update: this.#admit(group, decision.update) };
  }

  /** The round to judge a commit by: a later one for what is too early, an earlier one for what cannot count. */
  #countedRound(group: number, { tag, round }: Commit): number {
    const set = this.#set(group);
    if (tag > this.version || this.#bounds.ahead(group)) return set.version + 1;
    const first = set.members[0];
    // The parameters of a round are the same for all of its members, or its update is not of one version.
    return first && first.round !== tag && round === set.version ? round - 1 : round;
  }

  answered(commit: Commit): CommitAnswer | undefined {
    return this.#home(commit.worker)?.answered(commit);
  }

  refuse(commit: Commit): CommitAnswer {
    const { version } = this;
    return { ...(this.#home(commit.worker)?.refuse(commit) ?? { code: 'ABORTED' }), version };
  }

  #admit(group: number, { members, round, examples }: Update): Update {
    const originals = members.map(turned);
    const tag = (originals[0] as Commit).tag;
    return { group, round, members: originals, examples, ...this.#bounds.admit(group, tag) };
  }

  /** All members of a round see the same parameters: once they are too old, nobody can complete it. */
  overtaken({ group, round }: Place): Outcome | undefined {
    const set = this.#sets[group];
    return set && !set.frozen && set.version === round ? this.#refuse(group) : undefined;
  }

  flush(): Outcome[] {
    return this.#sets.flatMap((set, group) => {
      if (this.#stale(set)) return this.#refuse(group);
      return set.flush().map((outcome) => {
        return { ...outcome, update: this.#admit(group, outcome.update as Update) };
      });
    });
  }

  /** Whether its members have waited for others for so long that they can not count any more. */
  #stale(set: CommitSets): boolean {
    const [first] = set.members;
    return !set.frozen && first !== undefined && this.#bounds.tooStale(turned(first).tag);
  }

  #refuse(group: number): Outcome {
    const set = this.#set(group);
    const refused = set.members.map(turned);
    for (const member of refused) set.refuse(member);
    return { cancel: [], refused, advance: this.#advance(group, set.discard()) };
  }

  #advance(group: number, advance: Advance): Advance {
    this.#countGroups();
    return { ...advance, group, version: this.version };
  }

  applied(update: Update): Advance {
    const { group, round } = update;
    return this.#advance(group, this.#set(group).applied({ ...update, version: round }));
  }

  rounds(): readonly (readonly [number, number])[] {
    return this.#sets.map((set, group) => [group, set.version] as const);
  }

  rewind(version: number, rounds: readonly (readonly [number, number])[]): void {
    this.#bounds.rewind(version);
    const earlier = new Map(rounds);
    for (const [group, set] of this.#sets.entries()) set.rewind(earlier.get(group) ?? 0);
    this.#countGroups();
  }

  state(): ProtocolState {
    const state: State = {
      bounds: this.#bounds.state(),
      sets: this.#sets.map((set) => set.state()),
      homes: [...this.#homes],
    };
    return { ...state };
  }

  restore(saved: ProtocolState, now: number): void {
    const state = saved as unknown as State;
    this.#bounds.restore(state.bounds);
    for (const [group, set] of state.sets.entries()) this.#set(group).restore(set, now);
    this.#homes.clear();
    for (const [worker, group] of state.homes) this.#homes.set(worker, group);
  }
}

/** Inside a group the round is what the tag is to synchronous updates; turned twice, a commit is as it was. */
function turned(commit: Commit): Commit {
  return { ...commit, tag: commit.round, round: commit.tag };
}
