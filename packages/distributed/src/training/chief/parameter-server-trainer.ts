import { randomUUID } from 'node:crypto';
import { GraphError, HostTensor } from '@tenon/core';
import {
  type BatchSpecs,
  type EpochRun,
  type Logs,
  replicaGraph,
  type Trainable,
  type Trainer,
} from '@tenon/layers';
import type { UpdateProtocol } from '../../coordinator/protocols/update-protocol.js';
import { errorOf } from '../../protocol/cluster-error.js';
import type { Dial } from '../channel/channel.js';
import type { HeldRows, Role } from '../messages.js';
import { splitRows } from '../rows.js';
import type { WatchWorkers } from '../watch-tasks.js';
import { MetricSums } from './metric-sums.js';
import { lookupRoles, type ParameterPlan, planParameters, updatesRows } from './parameter-plan.js';
import { readState, writeState } from './plan-state.js';
import { encodeReplica } from './replica-fetches.js';
import { Replicas } from './replicas.js';
import type { ShardPlan } from './shard-plan.js';
import type { ShardState } from './snapshots.js';
import { TaskLink, type TrainingTask } from './task-link.js';
import { TrainingRun } from './training-run.js';

export interface ParameterServerOptions {
  /** Tasks that compute. */
  readonly replicas: readonly TrainingTask[];
  /** Tells of tasks that compute from then on, where they may come and go. */
  readonly watch?: WatchWorkers | undefined;
  /** Tasks that hold parameters. */
  readonly servers: readonly TrainingTask[];
  readonly dial: Dial;
  /** A protocol that has seen nothing. */
  readonly protocol: () => UpdateProtocol;
  /** Into how many parts a batch is split; an update takes as many. */
  readonly parts: number;
  readonly maxStaleness: number;
  /** Updates between two snapshots of the parameters. */
  readonly checkpointEvery: number;
  /** Whether weights that are read by lookups only are updated by rows. */
  readonly embeddings: 'rows' | 'whole';
  /** Bytes from which on a weight may be split by rows over the servers. */
  readonly splitBytes: number;
  readonly retryMs: number;
  /** How long the lease of a replica lasts. */
  readonly leaseMs: number;
  /** Milliseconds without an update after which training fails. */
  readonly timeoutMs: number;
}

/** The graphs for batches of one kind, and the tasks that have got them. */
interface Prepared {
  readonly specs: string;
  readonly plan: ParameterPlan;
  readonly metrics: MetricSums;
  readonly replicas: Replicas;
  readonly shards: readonly TaskLink[];
}

/** Trains by replicas that pull parameters from servers and push gradients to them. */
export class ParameterServerTrainer implements Trainer {
  private readonly trainable: Trainable;
  private readonly options: ParameterServerOptions;
  private prepared: Prepared | undefined;
  private run: TrainingRun | undefined;
  private runs = 0;
  /** What a task has said before a run was there to hear it. */
  private failed: unknown;
  private tasks: readonly TrainingTask[];
  private readonly unwatch: () => void;

  constructor(trainable: Trainable, options: ParameterServerOptions) {
    this.trainable = trainable;
    this.options = options;
    this.tasks = options.replicas;
    this.unwatch = options.watch?.((tasks) => this.follow(tasks)) ?? (() => {});
  }

  async epoch({ epoch, pass, around, turns }: EpochRun): Promise<number> {
    let next = await pass.next();
    if (!next) return 0;
    const { parts } = this.options;
    const prepared = await this.prepare(next.specs);
    const { replicas } = prepared;
    const run = await this.start(prepared, epoch);
    try {
      let told = 0;
      let ended = false;
      for (;;) {
        // Steps that were made are told first: replicas may take batches as fast as they come.
        const wants = () => !ended && this.wants(run, replicas.count);
        while (told >= run.updates.length && wants()) {
          if (next) for (const part of splitRows(next.values(), parts)) run.offer(part);
          next = around.stopped() ? undefined : await pass.next();
          ended = next === undefined;
          run.moved = performance.now();
          if (ended) run.end({ cut: around.stopped() });
        }
        const changed = run.changed();
        told = Math.min(told, run.updates.length);
        for (; told < run.updates.length; told++) {
          await around.before?.(told);
          await around.after?.(told, run.updates[told]?.examples ?? 0);
          if (turns.looks()) around.glance?.(told);
          // Whoever was told has taken the time, and not the tasks.
          run.moved = performance.now();
        }
        if (around.stopped() && !ended) {
          ended = true;
          run.end({ cut: true });
        }
        const state = run.collect();
        if (state) {
          await this.bringBack(prepared, state);
          break;
        }
        this.check(run, prepared);
        if (told === run.updates.length && !wants()) await changed;
      }
      around.glance?.(run.updates.length - 1);
      return run.updates.length;
    } finally {
      run.close();
      this.run = undefined;
    }
  }

  logs(): Logs {
    return this.prepared?.metrics.logs() ?? {};
  }

  async end(): Promise<void> {
    this.unwatch();
    this.release();
  }

  /** Other tasks compute from now on. */
  private follow(tasks: readonly TrainingTask[]): void {
    this.tasks = tasks;
    this.prepared?.replicas.follow(tasks, (link) => this.run?.lost(link));
  }

  /** Whether batches are to be got ready. */
  private wants({ queue, failure }: TrainingRun, replicas: number): boolean {
    return failure === undefined && queue.free < 2 * Math.max(1, replicas);
  }

  /** Errors: what a task has said, DEADLINE_EXCEEDED where nothing moves. */
  private check(run: TrainingRun, { replicas, shards }: Prepared): void {
    const failure = run.failure ?? this.failed;
    if (failure) throw failure;
    const { timeoutMs, parts } = this.options;
    if (performance.now() - run.moved < timeoutMs) return;
    const missing = [...replicas.all, ...shards].filter(({ connected }) => !connected);
    const few = `there are ${replicas.count} replicas, and an update takes ${parts}`;
    const all = replicas.count < parts ? few : 'all tasks are there';
    throw new GraphError('DEADLINE_EXCEEDED', this.trainable.name, {
      what: `there was no update for ${timeoutMs} ms; ${missing.length === 0 ? all : `not there: ${missing.map(({ name }) => name).join(', ')}`}.`,
      fix: 'see that the tasks run, or give a longer timeoutMs.',
    });
  }

  private async start({ plan, metrics, replicas, shards }: Prepared, epoch: number) {
    const { protocol, checkpointEvery, retryMs, leaseMs } = this.options;
    const { session } = this.trainable;
    metrics.reset();
    this.run = new TrainingRun({
      run: this.runs++,
      epoch,
      protocol: protocol(),
      replicas,
      shards,
      initial: await readState(session, plan),
      metrics,
      checkpointEvery,
      retryMs,
      leaseMs,
      runs: session.runs,
    });
    return this.run;
  }

  /** The state of the shards becomes that of the session. */
  private async bringBack({ plan }: Prepared, states: readonly ShardState[]) {
    const { session } = this.trainable;
    await writeState(session, plan, states);
    session.runs += this.run?.queue.applied ?? 0;
  }

  private async prepare(specs: BatchSpecs): Promise<Prepared> {
    const kind = [...specs.inputs, ...specs.targets].map(
      ({ dtype, shape }) => `${dtype}[${shape.slice(1)}]`,
    );
    const key = `${kind} ${specs.weighted}`;
    if (this.prepared?.specs === key) return this.prepared;
    this.release();
    const { trainable, options } = this;
    const { optimizer, session, variables: weights } = trainable;
    const rows = options.embeddings === 'rows' && updatesRows(optimizer);
    const graph = replicaGraph(trainable.graph(specs), { rows });
    const plan = planParameters({
      graph,
      weights,
      optimizer,
      servers: options.servers.length,
      splitBytes: options.splitBytes,
    });
    const bytes = encodeReplica(graph, new Map([...plan.parameters, ...plan.fixed]));
    const training = randomUUID();
    const servers = options.servers.slice(0, plan.shards.length);
    const fixed = await Promise.all(
      [...plan.fixed.values()].map((variable) => session.read(variable)),
    );
    const replicas = new Replicas((task, worker) =>
      this.link(task, training, [asTensor(bytes), ...fixed], {
        role: 'replica',
        worker,
        shards: servers.map(({ address }) => address),
        seed: session.seed,
        parameters: [...plan.parameters.keys()],
        held: plan.shards.map(({ parameters }) => parameters),
        tables: plan.shards.map(({ tables }) => tables.map(heldRows)),
        lookups: lookupRoles(graph, plan),
        fixed: [...plan.fixed.keys()],
        columns: graph.fed.length,
      }),
    );
    const shards = servers.map((task, shard) => {
      const { parameters, state, tables, graph: own } = plan.shards[shard] as ShardPlan;
      const graphs = [own, ...tables.map((table) => table.graph)];
      return this.link(task, training, graphs.map(asTensor), {
        role: 'shard',
        shard,
        parameters: parameters.map(({ name }) => name),
        state: [...state.keys()],
        tables: tables.map(({ name, begin, end, width, parts }) => ({
          ...{ name, width, rows: end - begin },
          parts: parts.length,
        })),
        maxStaleness: options.maxStaleness,
      });
    });
    replicas.follow(this.tasks);
    this.prepared = { specs: key, plan, metrics: new MetricSums(graph), replicas, shards };
    return this.prepared;
  }

  private link(
    task: TrainingTask,
    training: string,
    tensors: readonly HostTensor[],
    role: Role,
  ): TaskLink {
    const { dial } = this.options;
    const link: TaskLink = new TaskLink({
      task,
      dial,
      training,
      role,
      tensors,
      opened: (known) => this.run?.opened(link, known),
      packet: (message, values) => {
        if (this.run) this.run.hear(link, message, values);
        else if (message.kind === 'failed') this.failed ??= errorOf(message);
      },
      lost: () => this.run?.lost(link),
    });
    return link;
  }

  private release(): void {
    const { replicas, shards = [], metrics } = this.prepared ?? {};
    replicas?.close();
    for (const link of shards) link.close();
    metrics?.close();
    this.prepared = undefined;
    this.failed = undefined;
  }
}

const heldRows = ({ name, begin, end }: HeldRows): HeldRows => ({ name, begin, end });

const asTensor = (bytes: Uint8Array): HostTensor => new HostTensor(bytes, [bytes.length], 'uint8');
