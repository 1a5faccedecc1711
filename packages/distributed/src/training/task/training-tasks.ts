import type { Device, HostTensor } from '@tenon/core';
import { failureOf } from '../../protocol/cluster-error.js';
import type { Channel, Dial, Packet } from '../channel/channel.js';
import type { FromTask, ReplicaToShard, Role, ToTask } from '../messages.js';
import { Replica } from './replica.js';
import { Shard } from './shard.js';

export interface TrainingTasksOptions {
  /** `/job:worker/replica:0/task:1` */
  readonly name: string;
  readonly devices: readonly Device[];
  readonly dial: Dial;
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

  /** A chief or a replica has opened a channel. */
  accept(channel: Channel): void {
    let listening: ((packet: Packet) => void) | undefined;
    let closed = () => {};
    channel.listen({
      packet: (packet) => {
        if (listening) return listening(packet);
        const first = packet.body as ToTask | ReplicaToShard;
        if (first.kind === 'open') {
          const task = this.open(channel, first, packet.tensors);
          if (!task) return;
          const key = keyOf(first);
          listening = ({ body, tensors }) => this.hear(key, task, body as ToTask, tensors);
          closed = () => this.left(key, task, channel);
          return;
        }
        const shard = first.kind === 'attach' && this.tasks.get(`${first.training} shard`)?.work;
        if (first.kind !== 'attach' || !(shard instanceof Shard)) return channel.close();
        shard.attachReplica(first.worker, channel);
        listening = (asked) => shard.ask(asked);
        closed = () => shard.detachReplica(first.worker, channel);
      },
      closed: () => closed(),
    });
  }

  close(): void {
    for (const training of [...this.tasks.keys()]) this.forget(training);
  }

  private open(
    channel: Channel,
    { training, role }: ToTask & { readonly kind: 'open' },
    tensors: readonly HostTensor[],
  ): Task | undefined {
    const { name, devices, dial } = this.options;
    const say = (message: FromTask) => channel.send(message);
    const key = keyOf({ training, role });
    let task = this.tasks.get(key);
    try {
      task ??= {
        work:
          role.role === 'replica'
            ? new Replica({ name, training, role, tensors, devices, dial })
            : new Shard({ name, role, tensors, devices }),
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
    say({ kind: 'opened', run: task.work.run });
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
