import { type Device, type HostTensor, js, type OpInfo } from '@tenon/core';
import type { ToShard } from '../../coordinator/messages.js';
import { ParameterShard, type ShardEffect } from '../../coordinator/shard/parameter-shard.js';
import { failureOf } from '../../protocol/cluster-error.js';
import type { Channel } from '../channel/channel.js';
import type { FromTask, ReplicaToShard, Role, ShardToReplica, ToTask } from '../messages.js';
import { type Gradients, GraphArithmetic } from './graph-arithmetic.js';
import type { ShardParameters } from './shard-parameters.js';

export interface ShardOptions {
  readonly name: string;
  readonly role: Role & { readonly role: 'shard' };
  /** The graph. */
  readonly tensors: readonly HostTensor[];
  readonly devices: readonly Device[];
  /** The ops that graphs may use. */
  readonly ops: Iterable<OpInfo>;
}

interface Run {
  readonly run: number;
  readonly machine: ParameterShard<ShardParameters, Gradients>;
  readonly ticking: NodeJS.Timeout;
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
    });
  }

  get run(): number | null {
    return this.current?.run ?? null;
  }

  attach(chief: Channel): void {
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
      case 'loaded': {
        const { generation, version } = message;
        const parameters = this.arithmetic.of(tensors);
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
    if (asked.kind !== 'ask' || !run || asked.run !== run.run) return;
    const { message } = asked;
    this.guarded(run, () =>
      run.machine.fromWorker(message.kind === 'push' ? { ...message, gradient: tensors } : message),
    );
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
    const machine = new ParameterShard<ShardParameters, Gradients>({
      shard,
      incarnation,
      maxStaleness,
      arithmetic: this.arithmetic,
      divide: 'examples',
    });
    const tick = () => this.perform(started, machine.tick());
    const started: Run = { run, machine, ticking: setInterval(tick, retryMs) };
    this.current = started;
    tick();
  }

  // What goes wrong in an update goes wrong again: the chief is told.
  private guarded(run: Run, work: () => ShardEffect<ShardParameters>[]): void {
    try {
      this.perform(run, work());
    } catch (error) {
      this.say({ kind: 'failed', ...failureOf(error, this.options.name) });
    }
  }

  private perform({ run }: Run, effects: readonly ShardEffect<ShardParameters>[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'coordinator':
          this.say({ kind: 'shard', run, message: effect.message });
          break;
        case 'load':
          this.say({ kind: 'load', run, generation: effect.generation, version: effect.version });
          break;
        case 'save':
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
          this.replicas.get(worker)?.send(answer, pulled ? message.parameters.read() : []);
          break;
        }
      }
    }
  }

  private collect({ run, machine }: Run): void {
    const { parameters, generation, version } = machine;
    if (!parameters) return;
    this.say({ kind: 'collected', run, generation, version }, parameters.read());
  }

  private say(message: FromTask, tensors?: readonly HostTensor[]): void {
    this.chief?.send(message, tensors);
  }
}
