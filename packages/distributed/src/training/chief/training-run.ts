import type { HostTensor } from '@tenon/core';
import { BatchQueue } from '../../coordinator/batch-queue.js';
import type { Update } from '../../coordinator/commit.js';
import { Coordinator } from '../../coordinator/coordinator.js';
import type { CoordinatorEffect } from '../../coordinator/coordinator-effect.js';
import type { UpdateProtocol } from '../../coordinator/protocols/update-protocol.js';
import { errorOf } from '../../protocol/cluster-error.js';
import type { FromTask } from '../messages.js';
import { Repeats } from '../repeats.js';
import { CommitValues } from './commit-values.js';
import type { MetricSums } from './metric-sums.js';
import type { Replicas } from './replicas.js';
import { sendState } from './send-state.js';
import { type ChangedRows, type ShardState, type Snapshot, Snapshots } from './snapshots.js';
import type { TaskLink } from './task-link.js';

export interface TrainingRunOptions {
  readonly run: number;
  readonly epoch: number;
  readonly protocol: UpdateProtocol;
  readonly replicas: Replicas;
  readonly shards: readonly TaskLink[];
  /** State of each shard before the first update. */
  readonly initial: readonly ShardState[];
  readonly metrics: MetricSums;
  readonly checkpointEvery: number;
  readonly retryMs: number;
  /** How long the lease of a replica lasts. */
  readonly leaseMs: number;
  /** Runs of the model's session so far. */
  readonly runs: number;
}

type Values = readonly HostTensor[];

/** One epoch of training by replicas: the coordinator, what it remembers for them, and their messages. */
export class TrainingRun {
  readonly queue: BatchQueue;
  /** What can not be mended. */
  failure: unknown;
  /** `performance.now()` of the last sign that training goes on. */
  moved = performance.now();
  private readonly options: TrainingRunOptions;
  private readonly coordinator: Coordinator;
  private readonly ticking: NodeJS.Timeout;
  private readonly batches = new Map<number, Values>();
  /** What the last commits of each replica add to the metrics. */
  private readonly added = new CommitValues();
  private readonly incarnations = new Map<TaskLink, number>();
  private readonly snapshots: readonly Snapshots[];
  /** Rows of tables that have come before the snapshot or the state that they belong to, by shard. */
  private readonly arrived: ChangedRows[][];
  /** Updates that are in the parameters, by version; undone ones are taken off. */
  readonly updates: Update[] = [];
  private collected: (Snapshot | undefined)[] = [];
  private wake: () => void = () => {};
  private closed = false;
  /** What shards were asked to collect. */
  private readonly repeats: Repeats;
  /** When a replica was last heard of. */
  private readonly heard = new Map<TaskLink, number>();

  constructor(options: TrainingRunOptions) {
    this.options = options;
    const { protocol, shards, epoch, checkpointEvery, retryMs, initial, replicas } = options;
    this.queue = new BatchQueue(epoch);
    this.repeats = new Repeats(retryMs);
    this.snapshots = initial.map((state) => new Snapshots(state));
    this.arrived = initial.map(() => []);
    this.coordinator = new Coordinator({
      protocol,
      data: this.queue,
      shards: shards.length,
      checkpointEvery,
      retryTime: retryMs,
    });
    const tick = () => {
      this.perform(this.coordinator.tick(performance.now()));
      this.askBusy();
    };
    this.ticking = setInterval(tick, retryMs / 2);
    for (const link of [...shards, ...replicas.all]) if (link.connected) this.opened(link, null);
  }

  /** Adds a batch. */
  offer(values: Values): void {
    const batch = this.queue.offer(values[0]?.shape[0] ?? 0);
    this.batches.set(batch.from, values);
    this.moved = performance.now();
    this.perform(this.coordinator.wake());
  }

  /** No more batches come; with `cut`, those that nobody has begun are left out. */
  end({ cut = false } = {}): void {
    if (cut) this.queue.cut();
    else this.queue.end();
    this.perform(this.coordinator.flush());
  }

  /** Settles when something has happened. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, 500).unref();
    });
  }

  /** State of each shard once all that was offered is in it; undefined while it is being asked for, or is lost. */
  collect(): readonly ShardState[] | undefined {
    if (!this.queue.done) return undefined;
    const { shards, run } = this.options;
    const found = shards.map((_, i) => this.collected[i]);
    if (found.every((state) => state !== undefined))
      return this.snapshots.map((own, i) => own.end(found[i] as Snapshot));
    for (const [i, link] of shards.entries()) {
      const key = `${this.incarnations.get(link)} ${this.coordinator.generation}`;
      if (!found[i] && this.repeats.due(i, key, performance.now()))
        link.send({ kind: 'collect', run });
    }
    return undefined;
  }

  /** A task is there, again or for the first time. */
  opened(link: TaskLink, known: number | null): void {
    const { run, retryMs, runs } = this.options;
    if (known === run) return;
    const incarnation = (this.incarnations.get(link) ?? -1) + 1;
    this.incarnations.set(link, incarnation);
    this.taken(this.options.shards.indexOf(link));
    link.send({ kind: 'start', run, incarnation, retryMs, runs });
  }

  /** A replica that is gone is not waited for. */
  lost(link: TaskLink): void {
    const worker = this.options.replicas.numberOf(link);
    const incarnation = this.incarnations.get(link);
    if (worker === undefined || incarnation === undefined) return;
    const message = { kind: 'leave', worker, incarnation } as const;
    this.perform(this.coordinator.fromWorker(message, performance.now()));
  }

  hear(link: TaskLink, message: FromTask, tensors: Values): void {
    if (message.kind === 'failed') {
      this.failure ??= errorOf(message);
      this.wake();
      return;
    }
    if (message.kind === 'opened' || message.run !== this.options.run) return;
    this.heard.set(link, performance.now());
    const shard = this.options.shards.indexOf(link);
    switch (message.kind) {
      case 'replica': {
        const from = message.message;
        if (from.kind === 'commit') this.added.keep(from.commit, tensors);
        this.perform(this.coordinator.fromWorker(from, performance.now()));
        break;
      }
      case 'shard':
        this.perform(this.coordinator.fromShard(message.message));
        break;
      case 'changed':
        this.arrived[shard]?.push(changedRows(message.table, tensors));
        break;
      case 'save':
        this.snapshots[shard]?.save(message.version, {
          values: tensors,
          changed: this.taken(shard),
        });
        break;
      case 'load':
        this.load(link, shard, message);
        break;
      case 'prune':
        this.snapshots[shard]?.prune(message.before);
        break;
      case 'collected':
        this.keep(shard, message, tensors);
        this.wake();
        break;
    }
  }

  close(): void {
    this.closed = true;
    clearInterval(this.ticking);
  }

  /** A replica that computes may be too busy to speak for itself: its heartbeat thread does. */
  private askBusy(): void {
    const { replicas, leaseMs } = this.options;
    const now = performance.now();
    for (const [worker, link] of replicas.entries()) {
      const incarnation = this.incarnations.get(link);
      const silent = now - (this.heard.get(link) ?? now) > leaseMs / 3;
      if (!silent || incarnation === undefined || !link.connected) continue;
      this.heard.set(link, now);
      void link.lives(leaseMs / 3).then((lives) => {
        const { generation } = this.coordinator;
        if (!lives || this.closed) return;
        const message = { kind: 'heartbeat', worker, incarnation, generation } as const;
        this.perform(this.coordinator.fromWorker(message, performance.now()));
      });
    }
  }

  private load(
    link: TaskLink,
    shard: number,
    { generation, version }: FromTask & { readonly kind: 'load' },
  ): void {
    const state = this.snapshots[shard]?.load(version);
    if (state) sendState(link, state, { run: this.options.run, generation, version });
  }

  /** What has come of a shard's tables so far. */
  private taken(shard: number): readonly ChangedRows[] {
    return this.arrived[shard]?.splice(0) ?? [];
  }

  private keep(
    shard: number,
    { generation, version }: FromTask & { readonly kind: 'collected' },
    tensors: Values,
  ): void {
    const { coordinator } = this;
    const changed = this.taken(shard);
    const last = coordinator.applied === version && this.queue.done;
    if (last && generation === coordinator.generation)
      this.collected[shard] = { values: tensors, changed };
    else this.repeats.forget(shard);
  }

  private perform(effects: readonly CoordinatorEffect[]): void {
    const { run, replicas, shards } = this.options;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'worker': {
          const { worker, message } = effect;
          const work = message.kind === 'work' && message.batch;
          const values = work ? this.batches.get(work.from) : [];
          replicas.link(worker)?.send({ kind: 'replica', run, message }, values);
          break;
        }
        case 'shard':
          shards[effect.shard]?.send({ kind: 'shard', run, message: effect.message });
          break;
        case 'applied':
          this.applied(effect.update);
          break;
        case 'rewound':
          this.rewound(effect.version);
          break;
        // The coordinator lives as long as this process: what outlives it is the checkpoint of the model.
        case 'save':
          break;
      }
    }
  }

  private applied(update: Update): void {
    const { metrics } = this.options;
    metrics.add(update.version + 1, this.added.take(update));
    this.updates.push(update);
    this.moved = performance.now();
    this.forget();
    this.wake();
  }

  /** What the last checkpoint has in it will not be asked for again. */
  private forget(): void {
    const { version, data } = this.coordinator.point;
    const needed = this.queue.forget(data);
    for (const from of this.batches.keys()) if (!needed.has(from)) this.batches.delete(from);
    this.options.metrics.keep(version);
  }

  private rewound(version: number): void {
    this.updates.length = Math.min(this.updates.length, version);
    this.options.metrics.rewind(version);
    this.collected = [];
    this.moved = performance.now();
    this.wake();
  }
}

const changedRows = (table: number, [rows, ...parts]: Values): ChangedRows => ({
  table,
  rows: rows?.data as Int32Array,
  parts: parts.map(({ data }) => data as Float32Array),
});
