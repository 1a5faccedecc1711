import { allOps, js } from '@tenon/core';
import type { Channel, Dial, Listener, Packet } from '../../src/training/channel/channel.js';
import { channelPair, closedChannel } from '../../src/training/channel/memory-channel.js';
import { TrainingTasks } from '../../src/training/task/training-tasks.js';
import type { TrainingCluster } from '../../src/training/training-cluster.js';
import { numbers } from './counting-model.js';

export interface Faults {
  /** Probabilities for each message of the protocol. */
  readonly loss: number;
  readonly duplication: number;
  /** For as long as others need for a whole step, and longer than what is repeated waits. */
  readonly lateness: number;
  /** Probability that a channel breaks instead. */
  readonly breaks: number;
}

/** Turns of the event loop that a message takes, at most; later ones overtake it meanwhile. */
const mostTurns = 12;
const lateMs = 80;

/** What carries the protocol of training; all else, such as snapshots in pieces, relies on the order that channels keep. */
const protocol = new Set(['replica', 'shard', 'ask', 'answer']);

/** A channel that loses messages of the protocol, brings them twice, late and in another order, and breaks, in both directions. */
export class BadChannel implements Channel {
  /** What was done to messages, so that a test can see that something was. */
  static readonly done = { lost: 0, doubled: 0, late: 0, broken: 0 };
  private readonly channel: Channel;
  private readonly faults: Faults;
  private readonly next: () => number;
  private listener: Listener | undefined;
  private open = true;

  get watched(): boolean {
    return this.channel.watched;
  }

  constructor(channel: Channel, faults: Faults, next: () => number) {
    this.channel = channel;
    this.faults = faults;
    this.next = next;
  }

  send(body: object, tensors?: Packet['tensors']): void {
    this.pass(body, () => this.channel.send(body, tensors));
  }

  listen(listener: Listener): void {
    this.listener = listener;
    this.channel.listen({
      packet: (packet) => this.pass(packet.body, () => listener.packet(packet)),
      closed: () => this.end(),
    });
  }

  close(): void {
    this.open = false;
    this.channel.close();
  }

  private end(): void {
    if (!this.open) return;
    this.open = false;
    this.listener?.closed();
  }

  private pass(body: unknown, deliver: () => void): void {
    const { done } = BadChannel;
    const { loss, breaks } = this.faults;
    if (!this.open) return;
    if (!protocol.has((body as { kind: string }).kind)) {
      deliver();
    } else if (this.next() < breaks) {
      done.broken++;
      this.channel.close();
      this.end();
    } else if (this.next() < loss) {
      done.lost++;
    } else this.deliver(deliver);
  }

  private deliver(deliver: () => void): void {
    const { duplication, lateness } = this.faults;
    const twice = this.next() < duplication;
    if (twice) BadChannel.done.doubled++;
    for (let copies = twice ? 2 : 1; copies > 0; copies--) this.later(lateness, deliver);
  }

  private later(lateness: number, deliver: () => void): void {
    const arrive = () => void (this.open && deliver());
    if (this.next() < lateness) {
      BadChannel.done.late++;
      setTimeout(arrive, this.next() * lateMs);
      return;
    }
    let turns = Math.floor(this.next() * mostTurns);
    const turn = () => (turns-- > 0 ? setImmediate(turn) : arrive());
    turn();
  }
}

/** Tasks of this process whose every channel is a bad one. */
export function badCluster(
  jobs: Readonly<Record<'worker' | 'ps', number>>,
  { seed, ...faults }: Faults & { readonly seed: number },
): TrainingCluster & { close(): void } {
  const tasks = new Map<string, TrainingTasks>();
  const next = numbers(seed);
  const dial: Dial = (address) => {
    const task = tasks.get(address);
    if (!task) return closedChannel();
    const [here, there] = channelPair();
    task.accept(there);
    return new BadChannel(here, faults, next);
  };
  const namesOf = (job: 'worker' | 'ps') =>
    Array.from({ length: jobs[job] }, (_, task) => `/job:${job}/replica:0/task:${task}`);
  for (const name of [...namesOf('worker'), ...namesOf('ps')])
    tasks.set(name, new TrainingTasks({ name, devices: [js()], dial, ops: allOps }));
  const told = (job: 'worker' | 'ps') => namesOf(job).map((name) => ({ name, address: name }));
  return {
    training: { workers: told('worker'), servers: told('ps'), dial },
    close: () => {
      for (const task of tasks.values()) task.close();
    },
  };
}
