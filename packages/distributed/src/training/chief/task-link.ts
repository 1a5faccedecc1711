import type { HostTensor } from '@tenon/core';
import { parseAddress } from '../../cluster/address.js';
import { readCredentials } from '../../cluster/credentials.js';
import { askHeartbeat } from '../../heartbeat/ask-heartbeat.js';
import { failureOf } from '../../protocol/cluster-error.js';
import type { Channel, Dial } from '../channel/channel.js';
import { fromTaskSchema, readMessage } from '../message-schemas.js';
import type { FromTask, Heartbeat, Role, ToTask } from '../messages.js';

/** A task of the cluster that can take part in training. */
export interface TrainingTask {
  /** `/job:worker/replica:0/task:1` */
  readonly name: string;
  /** What `dial` takes. */
  readonly address: string;
}

export interface TaskLinkOptions {
  readonly task: TrainingTask;
  readonly dial: Dial;
  readonly training: string;
  readonly role: Role;
  /** The graph and the values that never change. */
  readonly tensors: readonly HostTensor[];
  /** The task is there; the run that it knows already, if any. */
  opened(run: number | null): void;
  packet(message: FromTask, tensors: readonly HostTensor[]): void;
  /** The channel is lost; it is dialled again. */
  lost(): void;
}

const redialMs = 100;

/** The chief's line to a task: dialled again and again while it is lost, since what has died is started again at its address. */
export class TaskLink {
  private readonly options: TaskLinkOptions;
  private channel: Channel | undefined;
  private redialling: NodeJS.Timeout | undefined;
  private closed = false;
  private heartbeat: Heartbeat | null = null;
  /** Whether the task has answered and is still there. */
  connected = false;

  constructor(options: TaskLinkOptions) {
    this.options = options;
    this.dial();
  }

  get task(): TrainingTask {
    return this.options.task;
  }

  get name(): string {
    return this.task.name;
  }

  /** Is lost where the task is not there. */
  send(message: ToTask, tensors?: readonly HostTensor[]): void {
    if (this.connected) this.channel?.send(message, tensors);
  }

  /** Whether the task lives, though it may be too busy to speak. */
  async lives(timeoutMs: number): Promise<boolean> {
    const { heartbeat, connected, channel, name: worker } = this;
    if (connected && channel?.watched) return true;
    const host = parseAddress(this.options.task.address)?.host;
    if (!connected || !heartbeat || !host) return false;
    const security = readCredentials(process.env);
    return askHeartbeat({ worker, host, timeoutMs, security, ...heartbeat }).then(
      () => true,
      () => false,
    );
  }

  /** Tells the task that its role is over. */
  close(): void {
    this.send({ kind: 'end' });
    this.closed = true;
    clearTimeout(this.redialling);
    // The channel ends when the task has heard it; one that does not hear it is cut.
    const { channel } = this;
    setTimeout(() => channel?.close(), 1000).unref();
  }

  private dial(): void {
    const { task, dial, training, role, tensors, packet, opened } = this.options;
    const channel = dial(task.address);
    this.channel = channel;
    channel.listen({
      packet: ({ body, tensors: values }) => {
        if (this.closed) return;
        const message = this.read(body);
        if (message.kind !== 'opened') return packet(message, values);
        this.connected = true;
        this.heartbeat = message.heartbeat;
        opened(message.run);
      },
      closed: () => this.lost(),
    });
    channel.send({ kind: 'open', training, role } satisfies ToTask, tensors);
  }

  // What can not be read will not be read the next time either.
  private read(body: unknown): FromTask {
    try {
      return readMessage(fromTaskSchema, body);
    } catch (error) {
      return { kind: 'failed', ...failureOf(error, this.name) };
    }
  }

  private lost(): void {
    if (this.closed) return;
    const was = this.connected;
    this.connected = false;
    if (was) this.options.lost();
    this.redialling = setTimeout(() => this.dial(), redialMs);
  }
}
