import { type Device, HostTensor, js, type OpInfo } from '@tenon/core';
import type { RowSelection, ToShard } from '../../coordinator/messages.js';
import { ParameterShard, type ShardEffect } from '../../coordinator/shard/parameter-shard.js';
import { failureOf } from '../../protocol/cluster-error.js';
import type { Channel } from '../channel/channel.js';
import type { FromTask, ReplicaToShard, Role, ShardToReplica, ToTask } from '../messages.js';
import { ArrivingTables } from '../table/arriving-tables.js';
import { blocksOf } from '../table/blocks.js';
import type { Table } from '../table/table.js';
import { type Gradients, GraphArithmetic } from './graph-arithmetic.js';
import type { ShardParameters } from './shard-parameters.js';

export interface ShardOptions {
  readonly name: string;
  readonly role: Role & { readonly role: 'shard' };
  /** The graph, then those of the tables. */
  readonly tensors: readonly HostTensor[];
  readonly devices: readonly Device[];
  /** The ops that graphs may use. */
  readonly ops: Iterable<OpInfo>;
}

type Effect = ShardEffect<ShardParameters, readonly HostTensor[]>;

interface Run {
  readonly run: number;
  readonly machine: ParameterShard<ShardParameters, Gradients, readonly HostTensor[]>;
  readonly ticking: NodeJS.Timeout;
  readonly arriving: ArrivingTables;
  /** The generation of the snapshot that was asked for and has not come yet: nothing is lost on the way to it. */
  asked: number | undefined;
}

/** A task that holds some of the parameters with the state of their optimizer, and updates them. */
export class Shard {
  private readonly options: ShardOptions;
  private readonly arithmetic: GraphArithmetic;
  private readonly own: Device | undefined;
  private readonly replicas = new Map<number, Channel>();
  private chief: Channel | undefined;
  private current: Run | undefined;

  constructor(options: ShardOptions) {
    this.options = options;
    const { role, tensors, devices, ops } = options;
    const device = devices.find(({ synchronous }) => synchronous) ?? js();
    this.own = devices.includes(device) ? undefined : device;
    this.arithmetic = new GraphArithmetic({
      device,
      ops,
      graph: tensors[0]?.data as Uint8Array,
      parameters: role.parameters,
      state: role.state,
      tables: role.tables,
      tableGraphs: tensors.slice(1).map(({ data }) => data as Uint8Array),
    });
  }

  get run(): number | null {
    return this.current?.run ?? null;
  }

  /** What was sent through a channel that was lost may have been lost too, so an epoch begins again from its last snapshot. */
  attach(chief: Channel): void {
    if (this.chief !== chief) this.stop();
    this.chief = chief;
  }

  /** A replica speaks from now on through this channel. */
  attachReplica(worker: number, channel: Channel): void {
    this.replicas.set(worker, channel);
  }

  detachReplica(worker: number, channel: Channel): void {
    if (this.replicas.get(worker) === channel) this.replicas.delete(worker);
  }

  hear(message: ToTask, tensors: readonly HostTensor[]): void {
    if (message.kind === 'start') this.start(message);
    const run = this.current;
    if (!run || !('run' in message) || message.run !== run.run) return;
    switch (message.kind) {
      case 'shard':
        this.guarded(run, () => run.machine.fromCoordinator(message.message as ToShard));
        break;
      case 'rows':
        run.arriving.put(message, tensors);
        break;
      case 'loaded': {
        const { generation, version } = message;
        const parameters = this.arithmetic.of(tensors, run.arriving.take());
        if (run.asked === generation) run.asked = undefined;
        for (const touched of this.arithmetic.touched) touched.clear();
        this.guarded(run, () => run.machine.loaded(generation, version, parameters));
        break;
      }
      case 'collect':
        this.collect(run);
        break;
      default:
        break;
    }
  }

  /** A replica pulls or pushes. */
  ask(asked: ReplicaToShard, tensors: readonly HostTensor[]): void {
    const run = this.current;
    if (asked.kind !== 'ask') return;
    if (!run || asked.run !== run.run) {
      this.notYet(asked);
      return;
    }
    const { message } = asked;
    this.guarded(run, () =>
      run.machine.fromWorker(
        message.kind === 'push'
          ? { ...message, gradient: tensors }
          : { ...message, rows: this.selection(tensors) },
      ),
    );
  }

  /** A replica has begun with a run of which the chief has not spoken here yet, or which is over. */
  private notYet({ run, message }: ReplicaToShard & { readonly kind: 'ask' }): void {
    const { generation } = message;
    const worker = message.kind === 'pull' ? message.worker : message.commit.worker;
    const answer = { kind: 'unready', shard: this.options.role.shard, generation } as const;
    this.replicas
      .get(worker)
      ?.send({ kind: 'answer', run, message: answer } satisfies ShardToReplica);
  }

  /** Rows wanted of each table, which come in their order. */
  private selection(tensors: readonly HostTensor[]): RowSelection {
    const { tables } = this.options.role;
    return Object.fromEntries(tables.map(({ name }, i) => [name, tensors[i]?.data as Int32Array]));
  }

  close(): void {
    this.stop();
    for (const channel of this.replicas.values()) channel.close();
    this.arithmetic.close();
    this.own?.close();
  }

  private stop(): void {
    clearInterval(this.current?.ticking);
    this.current = undefined;
  }

  private start({ run, incarnation, retryMs }: ToTask & { readonly kind: 'start' }): void {
    if (this.current?.run === run) return;
    this.stop();
    const { shard, maxStaleness } = this.options.role;
    const machine = new ParameterShard<ShardParameters, Gradients, readonly HostTensor[]>({
      shard,
      incarnation,
      maxStaleness,
      arithmetic: this.arithmetic,
      divide: 'examples',
    });
    const tick = () => this.perform(started, machine.tick());
    const arriving = new ArrivingTables(this.options.role.tables);
    const ticking = setInterval(tick, retryMs);
    const started: Run = { run, machine, ticking, arriving, asked: undefined };
    this.current = started;
    tick();
  }

  // What goes wrong in an update goes wrong again: the chief is told.
  private guarded(run: Run, work: () => Effect[]): void {
    try {
      this.perform(run, work());
    } catch (error) {
      this.say({ kind: 'failed', ...failureOf(error, this.options.name) });
    }
  }

  private perform(current: Run, effects: readonly Effect[]): void {
    const { run } = current;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'coordinator':
          this.say({ kind: 'shard', run, message: effect.message });
          break;
        case 'load':
          if (current.asked === effect.generation) break;
          current.asked = effect.generation;
          this.say({ kind: 'load', run, generation: effect.generation, version: effect.version });
          break;
        case 'save':
          this.sayChanged(run, effect.version, effect.parameters);
          for (const touched of this.arithmetic.touched) touched.forget(effect.version);
          this.say({ kind: 'save', run, version: effect.version }, effect.parameters.read());
          break;
        case 'prune':
          this.say({ kind: 'prune', run, before: effect.before });
          break;
        case 'worker': {
          const { worker, message } = effect;
          const pulled = message.kind === 'pulled';
          const answer: ShardToReplica = {
            kind: 'answer',
            run,
            message: pulled ? { ...message, parameters: undefined } : message,
          };
          this.replicas.get(worker)?.send(answer, pulled ? message.parameters : []);
          break;
        }
      }
    }
  }

  private collect({ run, machine }: Run): void {
    const { parameters, generation, version } = machine;
    if (!parameters) return;
    this.sayChanged(run, version, parameters);
    this.say({ kind: 'collected', run, generation, version }, parameters.read());
  }

  /** Rows that a version has changed since the last snapshot. */
  private sayChanged(run: number, version: number, { tables }: ShardParameters): void {
    for (const [i, { width, parts }] of this.options.role.tables.entries()) {
      const all = this.arithmetic.touched[i]?.before(version) ?? new Int32Array();
      for (const { from, to } of blocksOf(all.length, { width, parts })) {
        const rows = all.subarray(from, to);
        const values = Array.from({ length: parts }, (_, part) => {
          const found = (tables[i] as Table).read(rows, part);
          return new HostTensor(found, [rows.length, width]);
        });
        this.say({ kind: 'changed', run, table: i }, [
          new HostTensor(rows, [rows.length]),
          ...values,
        ]);
      }
    }
  }

  private say(message: FromTask, tensors?: readonly HostTensor[]): void {
    this.chief?.send(message, tensors);
  }
}
