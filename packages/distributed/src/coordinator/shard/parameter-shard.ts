import { GraphError } from '@tenon/core';
import { pushKey, type Update } from '../commit.js';
import type { FromShard, ShardToWorker, ToShard, WorkerToShard } from '../messages.js';
import type { ShardArithmetic } from './arithmetic.js';

export interface ParameterShardOptions<P, G, R = P> {
  readonly shard: number;
  /** Grows with each start of the shard's process. */
  readonly incarnation: number;
  readonly arithmetic: ShardArithmetic<P, G, R>;
  /** Gradients that are means count alike; those that are sums are divided by the number of examples. */
  readonly divide: 'members' | 'examples';
  /** The protocol's bound; 0 if synchronous. Gradients older than that are forgotten. */
  readonly maxStaleness: number;
}

/** What a shard wants done, in this order: a snapshot is durable before the acknowledgement that follows it. */
export type ShardEffect<P, R = P> =
  | { readonly kind: 'save'; readonly version: number; readonly parameters: P }
  /** Read a snapshot, and hand it to `loaded`. Those of later versions are undone and go. */
  | { readonly kind: 'load'; readonly version: number; readonly generation: number }
  /** Snapshots of versions before this one are no longer needed. */
  | { readonly kind: 'prune'; readonly before: number }
  | { readonly kind: 'coordinator'; readonly message: FromShard }
  | { readonly kind: 'worker'; readonly worker: number; readonly message: ShardToWorker<R> };

interface Kept<G> {
  readonly tag: number;
  readonly gradient: G;
}

/** What the members of a group see in a round; `parameters` is set once updates have gone past the version. */
interface GroupView<P> {
  readonly round: number;
  readonly version: number;
  readonly parameters?: P;
}

/**
 * One parameter shard: keeps gradients until an update names them, and applies updates in the order of versions, each
 * once, its members in the order of worker ids. Starts without parameters: the coordinator says which version to load.
 */
export class ParameterShard<P, G, R = P> {
  readonly #options: ParameterShardOptions<P, G, R>;
  readonly #pending = new Map<string, Kept<G>>();
  readonly #views = new Map<number, GroupView<P>>();
  #parameters: P | undefined;
  #generation = -1;
  #version = 0;
  #complete = 0;

  constructor(options: ParameterShardOptions<P, G, R>) {
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Undefined until the shard is restored. */
  get parameters(): P | undefined {
    return this.#parameters;
  }

  /** Gradients that wait for an update. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** To be called every now and then: a shard without parameters asks for its version. */
  tick(): ShardEffect<P, R>[] {
    if (this.#parameters !== undefined) return [];
    const { shard, incarnation } = this.#options;
    return [{ kind: 'coordinator', message: { kind: 'hello', shard, incarnation } }];
  }

  fromCoordinator(message: ToShard): ShardEffect<P, R>[] {
    if (message.generation < this.#generation) {
      const { shard } = this.#options;
      return [
        {
          kind: 'coordinator',
          message: { kind: 'newer', shard, generation: this.#generation },
        },
      ];
    }
    if (message.kind === 'restore') return this.#restore(message);
    if (message.generation > this.#generation) return [];
    return this.#parameters === undefined ? [] : this.#applyAll(message);
  }

  #restore({ generation, version }: ToShard & { kind: 'restore' }): ShardEffect<P, R>[] {
    if (generation === this.#generation && this.#parameters !== undefined) {
      return [this.#restored(version)];
    }
    this.#generation = generation;
    this.#parameters = undefined;
    this.#pending.clear();
    this.#views.clear();
    return [{ kind: 'load', version, generation }];
  }

  /** The snapshot that `load` asked for. Errors: STATE_INVALID where there is none. */
  loaded(generation: number, version: number, parameters: P | undefined): ShardEffect<P, R>[] {
    if (generation !== this.#generation || this.#parameters !== undefined) return [];
    if (parameters === undefined) {
      throw new GraphError('STATE_INVALID', 'ParameterShard.loaded', {
        what: `parameter shard ${this.#options.shard} has no snapshot of version ${version}.`,
        fix: 'restore the directory of its checkpoints, or start anew from an older one.',
      });
    }
    this.#parameters = this.#options.arithmetic.copy(parameters);
    this.#version = version;
    this.#complete = version;
    return [this.#restored(version)];
  }

  #restored(version: number): ShardEffect<P, R> {
    const { shard, incarnation } = this.#options;
    const generation = this.#generation;
    const message: FromShard = { kind: 'restored', shard, incarnation, generation, version };
    return { kind: 'coordinator', message };
  }

  #report(kind: 'applied' | 'missing', version: number): ShardEffect<P, R> {
    const { shard } = this.#options;
    const message: FromShard = { kind, shard, generation: this.#generation, version };
    return { kind: 'coordinator', message };
  }

  #applyAll({ updates, complete }: ToShard & { kind: 'apply' }): ShardEffect<P, R>[] {
    const effects: ShardEffect<P, R>[] = [];
    for (const { update, checkpoint } of updates) {
      // Earlier versions are repeated messages; a gap is filled when the coordinator sends again.
      if (update.version !== this.#version) continue;
      if (!this.#apply(update)) return [...effects, this.#report('missing', update.version)];
      if (checkpoint) effects.push(this.#snapshot());
    }
    if (complete > this.#complete) {
      this.#complete = complete;
      effects.push({ kind: 'prune', before: complete });
    }
    return [...effects, this.#report('applied', this.#version)];
  }

  #snapshot(): ShardEffect<P, R> {
    const parameters = this.#options.arithmetic.copy(this.#parameters as P);
    return { kind: 'save', version: this.#version, parameters };
  }

  #apply(update: Update): boolean {
    const { arithmetic, divide } = this.#options;
    const kept = update.members.map((member) => this.#pending.get(pushKey(member)));
    if (kept.some((push) => push === undefined)) return false;
    const gradients = kept.map((push) => (push as Kept<G>).gradient);
    this.#keepViews(update);
    const divisor = divide === 'members' ? gradients.length : update.examples;
    const { scale, version } = update;
    arithmetic.apply(this.#parameters as P, gradients, { divisor, scale, version });
    this.#version++;
    for (const member of update.members) this.#pending.delete(pushKey(member));
    this.#forget();
    return true;
  }

  /** Other groups go on to see what they saw; the round of the update's own group is over. */
  #keepViews({ group, round }: Update): void {
    if ((this.#views.get(group)?.round ?? round) <= round) this.#views.delete(group);
    for (const [id, view] of this.#views) {
      if (view.parameters !== undefined) continue;
      const parameters = this.#options.arithmetic.copy(this.#parameters as P);
      this.#views.set(id, { ...view, parameters });
    }
  }

  #tooOld(tag: number): boolean {
    return this.#version - tag > this.#options.maxStaleness;
  }

  #forget(): void {
    for (const [key, { tag }] of this.#pending) if (this.#tooOld(tag)) this.#pending.delete(key);
  }

  fromWorker(message: WorkerToShard<G>): ShardEffect<P, R>[] {
    const { shard } = this.#options;
    const generation = this.#generation;
    const worker = message.kind === 'pull' ? message.worker : message.commit.worker;
    if (this.#parameters === undefined || message.generation !== generation) {
      return [{ kind: 'worker', worker, message: { kind: 'unready', shard, generation } }];
    }
    const answer = message.kind === 'pull' ? this.#pull(message) : this.#push(message);
    return [{ kind: 'worker', worker, message: answer }];
  }

  #pull(message: WorkerToShard<G> & { kind: 'pull' }): ShardToWorker<R> {
    const { shard, arithmetic } = this.#options;
    const generation = this.#generation;
    const { request, place, rows } = message;
    let view = this.#views.get(place.group);
    const old = view?.round === place.round && this.#tooOld(view.version);
    if (view && (old || view.round > place.round)) {
      return { kind: 'overtaken', shard, generation, of: String(request) };
    }
    if (view?.round !== place.round) {
      view = { round: place.round, version: this.#version };
      if (place.shared) this.#views.set(place.group, view);
    }
    const parameters = arithmetic.read(view.parameters ?? (this.#parameters as P), rows);
    return { kind: 'pulled', shard, generation, request, version: view.version, parameters };
  }

  #push({ commit, gradient }: WorkerToShard<G> & { kind: 'push' }): ShardToWorker<R> {
    const { shard } = this.#options;
    const generation = this.#generation;
    const push = pushKey(commit);
    if (this.#tooOld(commit.tag)) return { kind: 'overtaken', shard, generation, of: push };
    if (!this.#pending.has(push)) this.#pending.set(push, { tag: commit.tag, gradient });
    return { kind: 'kept', shard, generation, push };
  }
}
