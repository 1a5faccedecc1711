import type { Device, HostTensor, OpInfo } from '@tenon/core';
import { pushKey } from '../../coordinator/commit.js';
import type { ShardToWorker, ToWorker } from '../../coordinator/messages.js';
import { type Work, type WorkerEffect, WorkerProtocol } from '../../coordinator/worker-protocol.js';
import { failureOf } from '../../protocol/cluster-error.js';
import type { Channel, Dial, Packet } from '../channel/channel.js';
import { readMessage, shardToReplicaSchema } from '../message-schemas.js';
import type { FromTask, ReplicaToShard, Role, ToTask } from '../messages.js';
import { Repeats } from '../repeats.js';
import type { Gradients } from './graph-arithmetic.js';
import { ParameterRows } from './parameter-rows.js';
import { type ReplicaBatch, ReplicaSession } from './replica-session.js';
import { TableRows } from './table-rows.js';

type Parameters = readonly HostTensor[];
type Effect = WorkerEffect<Parameters, Gradients>;

export interface ReplicaOptions {
  readonly name: string;
  readonly training: string;
  readonly role: Role & { readonly role: 'replica' };
  /** The graph and the values that never change. */
  readonly tensors: readonly HostTensor[];
  readonly devices: readonly Device[];
  readonly dial: Dial;
  /** The ops that graphs may use. */
  readonly ops: Iterable<OpInfo>;
}

/** The epoch that runs. */
interface Run {
  readonly run: number;
  readonly runs: number;
  readonly machine: WorkerProtocol<Parameters, Gradients>;
  readonly ticking: NodeJS.Timeout;
  /** What was asked of the shards. */
  readonly repeats: Repeats;
  /** The batches that were given out, by their first example. */
  readonly batches: Map<number, ReplicaBatch>;
  /** What the steps add to the metrics, by step. */
  metrics: readonly HostTensor[];
}

/** A replica of a model: pulls parameters, computes gradients of its batches, pushes them to the shards and commits. */
export class Replica {
  private readonly options: ReplicaOptions;
  private readonly session: ReplicaSession;
  private readonly parameters: ParameterRows;
  private readonly rows: TableRows;
  private readonly shards: (Channel | undefined)[];
  private chief: Channel | undefined;
  private current: Run | undefined;
  private closed = false;
  private computing = false;
  /** What to compute next. */
  private waiting: { readonly run: Run; readonly work: Work<Parameters> } | undefined;

  constructor(options: ReplicaOptions) {
    this.options = options;
    const { role, tensors, devices, ops } = options;
    const [graph, ...values] = tensors;
    this.parameters = new ParameterRows(role);
    this.rows = new TableRows(role);
    this.shards = role.shards.map(() => undefined);
    this.session = new ReplicaSession({
      devices,
      ops,
      seed: role.seed,
      graph: graph?.data as Uint8Array,
      columns: role.columns,
      lookups: role.lookups,
      fixed: new Map(role.fixed.map((name, i) => [name, values[i] as HostTensor])),
    });
  }

  get run(): number | null {
    return this.current?.run ?? null;
  }

  /** A chief speaks, perhaps after its channel was lost. */
  attach(chief: Channel): void {
    this.chief = chief;
  }

  hear(message: ToTask, tensors: readonly HostTensor[]): void {
    if (message.kind === 'start') this.start(message);
    const run = this.current;
    if (message.kind !== 'replica' || message.run !== run?.run) return;
    const { machine, batches } = run;
    const inner: ToWorker = message.message;
    if (inner.kind === 'work' && inner.batch) {
      const batch = this.read(tensors);
      if (!batch) return;
      batches.set(inner.batch.from, batch);
    }
    const effects = machine.fromCoordinator(inner, performance.now());
    // A message that comes late may bring a batch that the machine does not take, while it works on another.
    for (const from of batches.keys()) if (from !== machine.batch?.from) batches.delete(from);
    this.perform(run, effects);
  }

  private read(values: readonly HostTensor[]): ReplicaBatch | undefined {
    try {
      return this.session.read(values);
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  private fail(error: unknown): void {
    this.say({ kind: 'failed', ...failureOf(error, this.options.name) });
  }

  close(): void {
    this.closed = true;
    this.stop();
    this.session.close();
    for (const shard of this.shards) shard?.close();
  }

  private stop(): void {
    clearInterval(this.current?.ticking);
    this.current = undefined;
  }

  private start({ run, incarnation, retryMs, runs }: ToTask & { readonly kind: 'start' }): void {
    if (this.current?.run === run) return;
    this.stop();
    const { worker, shards } = this.options.role;
    const retryTime = retryMs;
    const machine = new WorkerProtocol<Parameters, Gradients>({
      worker,
      incarnation,
      shards: shards.length,
      retryTime,
    });
    const tick = () => this.perform(started, machine.tick(performance.now()));
    const ticking = setInterval(tick, retryMs / 2);
    const repeats = new Repeats(retryMs);
    const started: Run = {
      ...{ run, runs, machine, ticking, repeats },
      batches: new Map(),
      metrics: [],
    };
    this.current = started;
    tick();
  }

  private perform(run: Run, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (run !== this.current) return;
      switch (effect.kind) {
        case 'coordinator':
          this.say(
            { kind: 'replica', run: run.run, message: effect.message },
            effect.message.kind === 'commit' ? run.metrics : [],
          );
          break;
        case 'shard':
          this.ask(run, effect);
          break;
        case 'compute':
          this.waiting = { run, work: effect.work };
          void this.compute();
          break;
        case 'end':
          this.stop();
          break;
        // A step is never interrupted; the machine refuses what it gives.
        case 'cancel':
          break;
      }
    }
  }

  private say(message: FromTask, tensors?: readonly HostTensor[]): void {
    this.chief?.send(message, tensors);
  }

  private ask(run: Run, { shard, message }: Effect & { readonly kind: 'shard' }): void {
    const channel = this.shards[shard] ?? this.dial(shard);
    const id = message.kind === 'pull' ? message.request : pushKey(message.commit);
    const key = `${message.kind} ${message.generation} ${id}`;
    if (!run.repeats.due(shard, key, performance.now())) return;
    if (message.kind === 'pull') {
      const batch = run.batches.get(run.machine.batch?.from ?? -1);
      const rows = batch ? this.rows.wanted(batch, shard) : [];
      channel.send({ kind: 'ask', run: run.run, message } satisfies ReplicaToShard, rows);
      return;
    }
    const { gradient, ...rest } = message;
    const asked = { kind: 'ask', run: run.run, message: { ...rest, gradient: undefined } } as const;
    channel.send(asked satisfies ReplicaToShard, gradient);
  }

  // One that was lost is dialled again when the machine repeats what was not answered.
  private dial(shard: number): Channel {
    const { role, dial, training } = this.options;
    const channel = dial(role.shards[shard] as string);
    this.shards[shard] = channel;
    channel.listen({
      packet: (packet) => {
        try {
          this.answered(shard, packet);
        } catch (error) {
          this.say({ kind: 'failed', ...failureOf(error, this.options.name) });
        }
      },
      closed: () => {
        if (this.shards[shard] !== channel) return;
        this.shards[shard] = undefined;
        this.current?.repeats.forget(shard);
      },
    });
    const hello: ReplicaToShard = { kind: 'attach', training, worker: role.worker };
    channel.send(hello);
    return channel;
  }

  private answered(shard: number, { body, tensors }: Packet): void {
    const { run, message } = readMessage(shardToReplicaSchema, body);
    const current = this.current;
    if (!current || run !== current.run) return;
    if (message.kind === 'unready') current.repeats.forget(shard);
    const answer: ShardToWorker<Parameters> =
      message.kind === 'pulled' ? { ...message, parameters: tensors } : message;
    this.perform(current, current.machine.fromShard(answer, performance.now()));
  }

  /** One step after the other: what is not wanted any more when its turn comes is not begun. */
  private async compute(): Promise<void> {
    if (this.computing) return;
    this.computing = true;
    try {
      for (let next = this.waiting; next; next = this.waiting) {
        this.waiting = undefined;
        const { run, work } = next;
        if (run === this.current && run.machine.wants(work.step)) await this.step(run, work);
      }
    } finally {
      this.computing = false;
    }
  }

  private async step(run: Run, work: Work<Parameters>): Promise<void> {
    const { machine, batches, runs } = run;
    const batch = batches.get(work.batch.from);
    if (!batch) return;
    try {
      const pulled = {
        parameters: this.parameters.pulled(work.parameters),
        rows: this.rows.pulled(batch, work.parameters),
      };
      const result = await this.session.run(pulled, batch, runs + work.batch.from);
      if (run !== this.current || !machine.wants(work.step)) return;
      run.metrics = result.metrics;
      const sparse = this.rows.gradients(batch, result.lookups);
      const gradients = this.parameters
        .gradients(result.gradients)
        .map((own, shard) => [...own, ...(sparse[shard] as Gradients)]);
      this.perform(run, machine.computed(work.step, gradients, performance.now()));
    } catch (error) {
      if (this.closed || run !== this.current) return;
      this.fail(error);
    }
  }
}
