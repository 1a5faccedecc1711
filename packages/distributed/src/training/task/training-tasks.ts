import { type Device, GraphError, type HostTensor, type OpInfo } from '@tenon/core';
import { z } from 'zod';
import { failureOf } from '../../protocol/cluster-error.js';
import type { Channel, Dial, Listener, Packet } from '../channel/channel.js';
import { readMessage, replicaToShardSchema, toTaskSchema } from '../message-schemas.js';
import type { FromTask, Heartbeat, Role, ToTask } from '../messages.js';
import { Replica } from './replica.js';
import { Shard } from './shard.js';

export interface TrainingTasksOptions {
  /** `/job:worker/replica:0/task:1` */
  readonly name: string;
  readonly devices: readonly Device[];
  readonly dial: Dial;
  /** The ops that graphs may use. */
  readonly ops: Iterable<OpInfo>;
  /** Where the process says that it lives while it computes; null where nothing does. */
  readonly heartbeat?: () => Heartbeat | null;
  /** Milliseconds after which a training is given up whose chief does not come back. */
  readonly patienceMs?: number;
}

interface Task {
  readonly work: Replica | Shard;
  channel: Channel;
  /** Gives up when nobody comes back. */
  leaving?: NodeJS.Timeout | undefined;
}

/** What one process does in the training of models: a role in each training that a chief has opened here. */
export class TrainingTasks {
  private readonly options: TrainingTasksOptions;
  private readonly tasks = new Map<string, Task>();

  constructor(options: TrainingTasksOptions) {
    this.options = options;
  }

  /** Trainings that are going on. */
  get count(): number {
    return this.tasks.size;
  }

  /** A chief or a replica has opened a channel. What can not be read closes it. */
  accept(channel: Channel): void {
    let listener: Listener | undefined;
    channel.listen({
      packet: (packet) => {
        try {
          if (listener) listener.packet(packet);
          else listener = this.listener(channel, packet);
        } catch {
          channel.close();
          listener?.closed();
        }
      },
      closed: () => listener?.closed(),
    });
  }

  /** Who hears a channel, as its first packet says. Errors: FORMAT_INVALID, STATE_INVALID. */
  private listener(channel: Channel, { body, tensors }: Packet): Listener | undefined {
    const first = readMessage(z.union([toTaskSchema, replicaToShardSchema]), body);
    if (first.kind === 'open') {
      const key = keyOf(first);
      const task = this.open(channel, first, tensors);
      return (
        task && {
          packet: (packet) =>
            this.hear(key, task, readMessage(toTaskSchema, packet.body), packet.tensors),
          closed: () => this.left(key, task, channel),
        }
      );
    }
    const shard = first.kind === 'attach' && this.tasks.get(`${first.training} shard`)?.work;
    if (first.kind !== 'attach' || !(shard instanceof Shard)) {
      throw new GraphError('STATE_INVALID', this.options.name, { what: 'it holds no parameters.' });
    }
    shard.attachReplica(first.worker, channel);
    return {
      packet: (packet) => shard.ask(readMessage(replicaToShardSchema, packet.body), packet.tensors),
      closed: () => shard.detachReplica(first.worker, channel),
    };
  }

  close(): void {
    for (const training of [...this.tasks.keys()]) this.forget(training);
  }

  private open(
    channel: Channel,
    { training, role }: ToTask & { readonly kind: 'open' },
    tensors: readonly HostTensor[],
  ): Task | undefined {
    const { name, devices, dial, ops } = this.options;
    const say = (message: FromTask) => channel.send(message);
    const key = keyOf({ training, role });
    let task = this.tasks.get(key);
    try {
      task ??= {
        work:
          role.role === 'replica'
            ? new Replica({ name, training, role, tensors, devices, dial, ops })
            : new Shard({ name, role, tensors, devices, ops }),
        channel,
      };
    } catch (error) {
      say({ kind: 'failed', ...failureOf(error, name) });
      return undefined;
    }
    clearTimeout(task.leaving);
    if (task.channel !== channel) task.channel.close();
    task.channel = channel;
    task.work.attach(channel);
    this.tasks.set(key, task);
    say({ kind: 'opened', run: task.work.run, heartbeat: this.options.heartbeat?.() ?? null });
    return task;
  }

  private hear(
    training: string,
    task: Task,
    message: ToTask,
    tensors: readonly HostTensor[],
  ): void {
    if (message.kind === 'end') this.forget(training);
    else task.work.hear(message, tensors);
  }

  private left(training: string, task: Task, channel: Channel): void {
    if (task.channel !== channel || this.tasks.get(training) !== task) return;
    const { patienceMs = 60_000 } = this.options;
    task.leaving = setTimeout(() => this.forget(training), patienceMs).unref();
  }

  private forget(training: string): void {
    const task = this.tasks.get(training);
    this.tasks.delete(training);
    if (!task) return;
    clearTimeout(task.leaving);
    task.work.close();
    task.channel.close();
  }
}

/** A task may have both roles in one training. */
const keyOf = ({ training, role }: { readonly training: string; readonly role: Role }): string =>
  `${training} ${role.role}`;
