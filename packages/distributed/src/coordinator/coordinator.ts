import { GraphError } from '@tenon/core';
import type { BatchLedger } from './batch-ledger.js';
import type { Commit, CommitAnswer, Update } from './commit.js';
import { type CoordinatorEffect, toWorker } from './coordinator-effect.js';
import type { CheckpointPoint, CoordinatorState } from './coordinator-state.js';
import type { FromShard, FromWorker, ToShard, ToWorker } from './messages.js';
import { checkCount } from './protocols/check-count.js';
import type { Advance, Outcome, UpdateProtocol } from './protocols/update-protocol.js';
import { ShardStandings } from './shard/shard-standings.js';
import { UpdateLog } from './update-log.js';

export interface CoordinatorOptions {
  /** A fresh one; `restore` fills it. */
  readonly protocol: UpdateProtocol;
  readonly data: BatchLedger;
  /** Number of parameter shards. */
  readonly shards: number;
  /** Shards keep a checkpoint of each version that this divides. */
  readonly checkpointEvery: number;
  /** Time after which unacknowledged messages are sent again. */
  readonly retryTime: number;
}

/**
 * Leads the training of one set of parameters: leases, data, commits, updates in order, and recovery. When a shard
 * comes back without its parameters, all shards return to the last common checkpoint under a new generation, and
 * messages of earlier generations no longer count.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #log: UpdateLog;
  readonly #shards: ShardStandings;
  readonly #all: readonly number[];
  #checkpoint: CheckpointPoint;
  #generation = 0;
  #sent = Number.NEGATIVE_INFINITY;
  /** Workers that asked for work when there was none. */
  readonly #idle = new Set<number>();

  /** Errors: ATTRIBUTE_INVALID. */
  constructor(options: CoordinatorOptions) {
    checkCount('Coordinator', 'shards', options.shards, 1);
    checkCount('Coordinator', 'checkpointEvery', options.checkpointEvery, 1);
    this.#options = options;
    this.#log = new UpdateLog(options.shards);
    this.#shards = new ShardStandings(options.shards);
    this.#all = Array.from({ length: options.shards }, (_, shard) => shard);
    this.#checkpoint = { version: 0, data: options.data.checkpoint(), rounds: [] };
  }

  get generation(): number {
    return this.#generation;
  }

  /** Updates that every shard has applied. */
  get applied(): number {
    return this.#log.applied;
  }

  /** The newest checkpoint that every shard keeps: where training goes on when one is lost. */
  get point(): CheckpointPoint {
    return this.#checkpoint;
  }

  fromWorker(message: FromWorker, now: number): CoordinatorEffect[] {
    const { worker, incarnation } = message;
    const { protocol, data } = this.#options;
    if (message.kind === 'join') {
      const joined = protocol.join(worker, incarnation, now);
      const generation = this.#generation;
      const answer: ToWorker = joined
        ? { kind: 'joined', incarnation, generation }
        : { kind: 'superseded', incarnation };
      return [toWorker(worker, answer)];
    }
    if (message.kind === 'leave') {
      if (protocol.leave(worker, incarnation)) data.release(worker);
      this.#idle.delete(worker);
      return this.wake();
    }
    const known = protocol.renew(worker, incarnation, now);
    if (!known || message.generation !== this.#generation) {
      return [toWorker(worker, { kind: 'aborted', incarnation })];
    }
    if (message.kind === 'commit') return this.#commit(message.commit, now);
    if (message.kind === 'begin') {
      const over = message.overtaken && protocol.overtaken(message.overtaken);
      return [...(over ? this.#outcome(over) : []), toWorker(worker, this.#work(worker))];
    }
    return [toWorker(worker, { kind: 'alive', generation: this.#generation })];
  }

  #work(worker: number): ToWorker {
    const generation = this.#generation;
    const place = this.#shards.recovering ? undefined : this.#options.protocol.place(worker);
    const batch = place && this.#options.data.acquire(worker);
    if (place && batch) return { kind: 'work', generation, place, batch };
    this.#idle.add(worker);
    return { kind: 'wait', generation };
  }

  /** There may be work for those that had none: data has come, or a shard is back. */
  wake(): CoordinatorEffect[] {
    const idle = [...this.#idle].sort((a, b) => a - b);
    this.#idle.clear();
    return idle.flatMap((worker) => {
      const message = this.#work(worker);
      return message.kind === 'work' ? [toWorker(worker, message)] : [];
    });
  }

  /** Where no more data will come, sets that wait for batches which will not come become updates as they are. */
  flush(): CoordinatorEffect[] {
    const { protocol, data } = this.#options;
    if (this.#shards.recovering || !data.exhausted) return [];
    return protocol.flush().flatMap((outcome) => this.#outcome(outcome));
  }

  #outcome(outcome: Outcome): CoordinatorEffect[] {
    for (const refused of outcome.refused ?? [])
      if (refused.batch) this.#options.data.drop(refused.batch);
    return this.#follow(outcome);
  }

  #commit(commit: Commit, now: number): CoordinatorEffect[] {
    const { protocol, data } = this.#options;
    const { worker, batch } = commit;
    const before = protocol.answered(commit);
    if (before) return [this.#decided(commit, before)];
    if (this.#shards.recovering) {
      return [this.#decided(commit, { code: 'FAILED_PRECONDITION', version: protocol.version })];
    }
    if (batch && !data.current(batch, worker)) {
      return [this.#decided(commit, protocol.refuse(commit))];
    }
    const decision = protocol.commit(commit, now);
    if (batch && decision.answer.code === 'JOINED') data.hold(batch, worker);
    return [...this.#outcome(decision), this.#decided(commit, decision.answer), ...this.flush()];
  }

  #follow({ update, cancel, advance }: Outcome): CoordinatorEffect[] {
    const effects: CoordinatorEffect[] = [];
    if (update) {
      this.#log.append(update);
      // The set must not be forgotten once a shard may have applied it.
      effects.push({ kind: 'save', state: this.state() });
      for (const shard of this.#all) effects.push(...this.#apply(shard));
      const { group, round } = update;
      const generation = this.#generation;
      for (const worker of cancel) {
        effects.push(toWorker(worker, { kind: 'cancel', generation, group, round }));
      }
    }
    if (!advance) return effects;
    // Shards remember the rounds that they have seen: a restarted coordinator must not go back to an earlier one.
    return [...effects, { kind: 'save', state: this.state() }, ...this.#broadcast(advance)];
  }

  #decided(commit: Commit, answer: CommitAnswer): CoordinatorEffect {
    const { worker, incarnation, push } = commit;
    const generation = this.#generation;
    return toWorker(worker, { kind: 'decided', generation, incarnation, push, answer });
  }

  #broadcast({ group, round, workers }: Advance): CoordinatorEffect[] {
    const message: ToWorker = { kind: 'advance', generation: this.#generation, group, round };
    return workers.map((worker) => toWorker(worker, message));
  }

  #apply(shard: number): CoordinatorEffect[] {
    const pending = this.#log.pending(shard);
    if (pending.length === 0) return [];
    const updates = pending.map((update) => ({ update, checkpoint: this.#keeps(update) }));
    const generation = this.#generation;
    const complete = this.#checkpoint.version;
    return [{ kind: 'shard', shard, message: { kind: 'apply', generation, updates, complete } }];
  }

  #keeps({ version }: Update): boolean {
    return (version + 1) % this.#options.checkpointEvery === 0;
  }

  fromShard(message: FromShard): CoordinatorEffect[] {
    const { shard, kind } = message;
    if (!this.#shards.has(shard)) return [];
    if (kind === 'hello') {
      const standing = this.#shards.hello(message);
      if (standing === 'late') return [];
      return standing === 'lost' ? this.#recover(this.#generation) : [this.#restore(shard)];
    }
    if (message.generation > this.#generation) return this.#recover(message.generation);
    if (message.generation < this.#generation) return [];
    if (kind === 'restored') {
      return this.#shards.restored(message) ? [...this.wake(), ...this.flush()] : [];
    }
    // A version that was never decided here means that this state is older than the shards' parameters.
    const ahead = kind === 'applied' && message.version > this.#options.protocol.version + 1;
    if (kind === 'missing' || ahead) return this.#recover(this.#generation);
    return kind === 'applied' ? this.#acknowledge(shard, message.version) : [];
  }

  #acknowledge(shard: number, version: number): CoordinatorEffect[] {
    const { protocol, data } = this.#options;
    const effects: CoordinatorEffect[] = [];
    this.#log.acknowledge(shard, version);
    for (let update = this.#log.next(); update; update = this.#log.next()) {
      for (const { batch } of update.members) if (batch) data.apply(batch);
      const advance = protocol.applied(update);
      if (this.#keeps(update)) {
        const rounds = protocol.rounds();
        this.#checkpoint = { version: update.version + 1, data: data.checkpoint(), rounds };
      }
      effects.push({ kind: 'applied', update }, ...this.#broadcast(advance));
      if (this.#keeps(update)) effects.push({ kind: 'save', state: this.state() });
    }
    return [...effects, ...this.flush()];
  }

  #recover(newest: number): CoordinatorEffect[] {
    const { protocol, data } = this.#options;
    const { version, rounds } = this.#checkpoint;
    this.#generation = newest + 1;
    this.#log.rewind(version);
    protocol.rewind(version, rounds);
    data.restore(this.#checkpoint.data);
    this.#shards.rewind();
    return [
      { kind: 'save', state: this.state() },
      { kind: 'rewound', version, generation: this.#generation },
      ...this.#all.map((shard) => this.#restore(shard)),
    ];
  }

  #restore(shard: number): CoordinatorEffect {
    const { version } = this.#checkpoint;
    const message: ToShard = { kind: 'restore', generation: this.#generation, version };
    return { kind: 'shard', shard, message };
  }

  /** To be called every now and then: ends leases, and sends again what was not acknowledged. */
  tick(now: number): CoordinatorEffect[] {
    const { protocol, data, retryTime } = this.#options;
    for (const worker of protocol.expire(now)) data.release(worker);
    const moved = protocol.regroup().flatMap((outcome) => this.#outcome(outcome));
    const woken = [...moved, ...this.wake()];
    if (now - this.#sent < retryTime) return woken;
    this.#sent = now;
    const again = this.#all.flatMap((shard) =>
      this.#shards.isRestored(shard) ? this.#apply(shard) : [this.#restore(shard)],
    );
    return [...woken, ...again];
  }

  state(): CoordinatorState {
    const { protocol, data } = this.#options;
    return {
      format: 1,
      generation: this.#generation,
      shards: this.#shards.state(),
      checkpoint: this.#checkpoint,
      log: this.#log.state(),
      protocol: protocol.state(),
      data: data.state(),
    };
  }

  /** Continues from a saved state. Errors: FORMAT_INVALID where it is of another number of shards. */
  restore(state: CoordinatorState, now: number): void {
    if (state.shards.length !== this.#options.shards) {
      throw new GraphError('FORMAT_INVALID', 'Coordinator.restore', {
        what: `the state is of ${state.shards.length} parameter shards, there are ${this.#options.shards}.`,
        fix: 'start with the number of shards that the state was saved with.',
      });
    }
    this.#generation = state.generation;
    this.#shards.restore(state.shards);
    this.#checkpoint = state.checkpoint;
    this.#log.restore(state.log);
    this.#options.protocol.restore(state.protocol, now);
    this.#options.data.restore(state.data);
  }
}
