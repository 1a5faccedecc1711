import { type Callable, type HostTensor, hostTensor, type Tensor } from '@tenon/core';
import {
  type Batch,
  type BatchSpecs,
  type EpochRun,
  type Logs,
  oneNumber,
  type Trainable,
  type Trainer,
} from '@tenon/layers';
import type { Wire } from '../collectives/index.js';
import { epochSteps } from './epoch-steps.js';
import { type PlainTensor, plain, type StateMessage, tensorOf } from './messages.js';
import { ReplicaTrainer, type ReplicaTrainerOptions } from './replica-trainer.js';
import { type ReplicatedGraph, replicatedGraph } from './step/replicated-graph.js';

export interface AllReduceTrainerOptions extends ReplicaTrainerOptions {
  readonly bucketBytes: number;
  readonly wire: Wire;
  readonly deadline: number;
}

/** Bytes of a piece, and pieces on a link: the next ones travel while one is added. */
const pieceBytes = 2 ** 18;
const slots = 16;

/** The step for batches of one kind. */
interface Current extends ReplicatedGraph {
  readonly key: string;
  /** Logs of what the cells of the session hold. */
  readonly readings: Callable<readonly Tensor[]>;
}

/** Trains on replicas that add up their gradients. The session holds the state between epochs. */
export class AllReduceTrainer implements Trainer {
  private readonly trainable: Trainable;
  private readonly options: AllReduceTrainerOptions;
  private readonly replicas: ReplicaTrainer;
  private current: Current | undefined;
  /** Whether the replicas hold the state, and not the session. */
  private away = false;
  /** The learning rate that the replicas have. */
  private rate: number | undefined;

  constructor(trainable: Trainable, options: AllReduceTrainerOptions) {
    this.trainable = trainable;
    this.options = options;
    this.replicas = new ReplicaTrainer(options);
  }

  async epoch(run: EpochRun): Promise<number> {
    let first = true;
    const steps = await epochSteps(run, {
      stepsPerExecution: this.trainable.stepsPerExecution,
      step: async (batch) => {
        await this.ready(batch.specs, first);
        first = false;
        await this.replicas.step(this.values(batch));
      },
      flush: () => this.replicas.flush(),
      refresh: () => this.refresh(),
    });
    await this.bringBack();
    return steps;
  }

  logs(): Logs {
    if (!this.current) return {};
    const { cells, trackers, readings } = this.current;
    const { session } = this.trainable;
    const { runs } = session;
    this.replicas.totals.forEach((total, i) => {
      session.writeSync(cells[i] as (typeof cells)[number], tensorOf(total));
    });
    const values = readings.sync();
    // To look draws no random numbers.
    session.runs = runs;
    return Object.fromEntries(
      trackers.map(({ name }, i) => [name, oneNumber(name, (values[i] as HostTensor).data)]),
    );
  }

  end(): Promise<void> {
    return this.replicas.close();
  }

  /** The values of a batch in the dtypes of the graph. */
  private values(batch: Batch): HostTensor[] {
    const { fed } = this.current as Current;
    return batch.values().map((value, i) => hostTensor(value, { dtype: (fed[i] as Tensor).dtype }));
  }

  /** Brings state and graph to the replicas where they do not have them. */
  private async ready(specs: BatchSpecs, first: boolean): Promise<void> {
    const key = keyOf(specs);
    if (!first && this.current?.key === key) return;
    if (!first) await this.bringBack();
    if (this.current?.key !== key) await this.load(specs, key);
    const { cells } = this.current as Current;
    const zeros = cells.map(({ dtype, shape, size }) =>
      plain(hostTensor(new Float32Array(size), { dtype, shape })),
    );
    await this.replicas.begin(await this.state(first ? zeros : undefined));
    this.away = true;
  }

  private async load(specs: BatchSpecs, key: string): Promise<void> {
    const { trainable, options } = this;
    const { bucketBytes, wire, deadline } = options;
    const graph = replicatedGraph(trainable, { specs, bucketBytes });
    const { bytes, fed, buckets, state, cells, trackers } = graph;
    const { session } = trainable;
    const readings = session.prepare(
      trackers.map(({ kept }) => kept),
      [],
    );
    await this.replicas.load(
      { bytes, fed: fed.length, state: state.length, totals: cells.length, seed: session.seed },
      { buckets, wire, deadline, pieceBytes, slots },
    );
    this.current = { ...graph, key, readings };
  }

  /** What the session holds. */
  private async state(totals?: readonly PlainTensor[]): Promise<StateMessage> {
    const { session, optimizer } = this.trainable;
    const { state, cells } = this.current as Current;
    const values = async (variables: typeof state) => {
      const found: PlainTensor[] = [];
      for (const variable of variables) found.push(plain(await session.read(variable)));
      return found;
    };
    this.rate = (await session.read(optimizer.learningRate)).item();
    return {
      state: await values(state),
      totals: totals ?? (await values(cells)),
      runs: session.runs,
    };
  }

  /** Sets the state of the session to that of the replicas. */
  private async bringBack(): Promise<void> {
    if (!this.away) return;
    const { session } = this.trainable;
    const { state, cells } = this.current as Current;
    const found = await this.replicas.read();
    for (const [i, value] of found.state.entries())
      await session.write(state[i] as (typeof state)[number], tensorOf(value));
    for (const [i, value] of found.totals.entries())
      await session.write(cells[i] as (typeof cells)[number], tensorOf(value));
    session.runs = found.runs;
    this.away = false;
  }

  /** A callback may have set the learning rate between two steps. */
  private async refresh(): Promise<void> {
    if (!this.away || !this.current) return;
    const { session, optimizer } = this.trainable;
    const { learningRate } = optimizer;
    const value = await session.read(learningRate);
    if (value.item() === this.rate) return;
    const { state, ...rest } = await this.replicas.read();
    const at = this.current.state.indexOf(learningRate);
    await this.replicas.begin({
      ...rest,
      state: state.map((old, i) => (i === at ? plain(value) : old)),
    });
    this.rate = value.item();
  }
}

const keyOf = ({ targets, weighted }: BatchSpecs): string =>
  `${targets.map(({ dtype, shape }) => `${dtype}[${shape.slice(1)}]`)} ${weighted}`;
