import type { HostTensor } from '@tenon/core';
import { GraphError } from '@tenon/core';
import { type Clock, systemClock } from '../rendezvous/index.js';
import type {
  GraphMessage,
  PlainTensor,
  RequestKind,
  Requests,
  StateMessage,
  StepMessage,
} from './messages.js';
import type { Replica } from './replica.js';
import type { ReplicaKind, Ring, RingFormat } from './replica-kind.js';
import { splitBatch } from './split-batch.js';

export interface ReplicaRingOptions {
  readonly kind: ReplicaKind;
  readonly replicas: number;
  /** Told of every replica that is started again. */
  readonly restarted?: ((name: string) => void) | undefined;
  readonly clock?: Clock;
}

/** Milliseconds after the end of a ring within which a replica that works has answered. */
const grace = 5_000;

interface Loaded {
  readonly graph: GraphMessage;
  readonly format: RingFormat;
}

/** Replicas with the graph of a step, joined in a ring. */
export class ReplicaRing {
  private readonly options: ReplicaRingOptions;
  private replicas: Replica[] = [];
  private ring: Ring | undefined;
  private loaded: Loaded | undefined;

  /** Starts the replicas, which can be asked at once. */
  constructor(options: ReplicaRingOptions) {
    this.options = options;
    this.replicas = Array.from({ length: options.replicas }, (_, rank) => this.started(rank));
  }

  /** Gives all another graph and joins them in a new ring. Errors: UNAVAILABLE, and those of `decodeGraph`. */
  async load(graph: GraphMessage, format: RingFormat): Promise<void> {
    this.loaded = { graph, format };
    await Promise.all(this.replicas.map((replica, rank) => this.give(replica, rank)));
    await this.connect();
  }

  /**
   * One step on a batch, cut between the replicas; steps that were asked for before come first. Gives the state of the logs after it.
   * Errors: UNAVAILABLE (a replica was lost), DEADLINE_EXCEEDED, and those of the graph; then the ring has ended.
   */
  async step(batch: readonly HostTensor[]): Promise<readonly PlainTensor[]> {
    const parts = splitBatch(batch, this.replicas.length);
    const ends = this.replicas.map((replica, rank) =>
      replica.ask('step', parts[rank] as StepMessage, memoryOf(parts[rank] as StepMessage)),
    );
    // The others would wait for its sums.
    for (const [rank, end] of ends.entries())
      end.catch((error) => this.ring?.abort(error, (this.replicas[rank] as Replica).name));
    const [totals] = await Promise.all(ends);
    return totals as readonly PlainTensor[];
  }

  /** Asks all replicas. */
  all<K extends RequestKind>(kind: K, ask: Requests[K]['ask']): Promise<Requests[K]['answer'][]> {
    return Promise.all(this.replicas.map((replica) => replica.ask(kind, ask)));
  }

  /** All that a step changes, which every replica holds. */
  read(): Promise<StateMessage> {
    return (this.replicas[0] as Replica).ask('read', null);
  }

  /**
   * Starts replicas anew that were lost or do not answer, and joins all in another ring. Gives the state of the replica that has
   * made the most steps, for the others to go on from; undefined where none was left.
   */
  async repair(): Promise<StateMessage | undefined> {
    await this.disband();
    const left = this.replicas.filter(({ alive }) => alive);
    const states = await Promise.all(left.map((replica) => replica.ask('read', null)));
    this.replicas = await Promise.all(
      this.replicas.map((replica, rank) => {
        if (replica.alive) return replica;
        this.options.restarted?.(replica.name);
        const again = this.started(rank);
        return this.give(again, rank).then(() => again);
      }),
    );
    await this.connect();
    return states.reduce<StateMessage | undefined>(
      (most, state) => (most && most.runs >= state.runs ? most : state),
      undefined,
    );
  }

  async close(): Promise<void> {
    const { replicas } = this;
    this.replicas = [];
    this.ring = undefined;
    await Promise.all(replicas.map((replica) => replica.kill()));
  }

  /** Ends the ring, and the replicas that then do not come to their end. */
  private async disband(): Promise<void> {
    const { ring } = this;
    const error = new GraphError('RUN_ABORTED', 'allReduce', { what: 'the ring was ended.' });
    ring?.abort(error, 'the trainer');
    await Promise.all(
      this.replicas.map(async (replica) => {
        if (!(await this.within(replica.settled(), grace))) await replica.kill();
      }),
    );
  }

  private within(end: Promise<void>, milliseconds: number): Promise<boolean> {
    const { clock = systemClock } = this.options;
    return new Promise((resolve) => {
      const stop = clock.after(milliseconds, () => resolve(false));
      end.then(() => {
        stop();
        resolve(true);
      });
    });
  }

  private started(rank: number): Replica {
    return this.options.kind.start(`replica ${rank}`);
  }

  private async give(replica: Replica, rank: number): Promise<void> {
    const { graph } = this.loaded as Loaded;
    await replica.ask('load', { ...graph, seed: seedOf(graph.seed, rank) });
  }

  private async connect(): Promise<void> {
    const ring = await this.options.kind.connect(this.replicas, (this.loaded as Loaded).format);
    this.ring = ring;
    for (const replica of this.replicas) replica.onEnd((error) => ring.abort(error, replica.name));
  }
}

/** Each replica draws its own random numbers: those of the first are those of the session. */
function seedOf(seed: number, rank: number): number {
  const high = (Math.floor(seed / 2 ** 32) + rank) & 0xfffff;
  return (seed >>> 0) + high * 2 ** 32;
}

const memoryOf = ({ values }: StepMessage): ArrayBuffer[] =>
  values.map(({ data }) => data.buffer as ArrayBuffer);
