import { GraphError, type HostTensor, hostTensor, type Tensor, type TensorData } from '@tenon/core';
import { noExamples } from '../data/array-source.js';
import type { Examples } from '../data/host-batch.js';
import { StreamPass } from '../data/stream-pass.js';
import { elementsOf } from '../data/stream-source.js';
import type { Logs } from '../events.js';
import { inSession, type Strategy, type Trainer } from '../strategy.js';
import { Turns, type YieldEvery } from '../turns.js';
import { type TrainedGraph, trainableGraph } from './graph-trainable.js';

export interface TrainGraphOptions extends TrainedGraph {
  /** Who makes the steps; the session when left out. */
  readonly strategy?: Strategy | undefined;
  /** When other tasks of the process get a turn. Default `auto`. */
  readonly yieldEvery?: YieldEvery | undefined;
}

/** Batches, each with a value for each input in order: a data set, or any iterable. */
export type GraphBatches = AsyncIterable<unknown> | Iterable<readonly TensorData[]>;

/** A step that was made. */
export interface GraphStep {
  /** From 0 on in each epoch. */
  readonly step: number;
  /** Examples of its batch. */
  readonly examples: number;
  /** Means over the epoch so far. */
  logs(): Logs;
}

export interface GraphEpochOptions {
  /** Called after each step, and waited for. */
  onStep?(step: GraphStep): unknown;
}

/**
 * Gets ready to train a graph of one's own: each step goes down the gradient of a loss, in the session or by what a strategy says.
 * Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID, FEED_MISSING, STATE_INVALID, and those of the strategy.
 *
 * @example
 * const x = placeholder({ shape: [null, 4] });
 * const y = placeholder({ shape: [null, 1] });
 * const w = variable(randomNormal({ shape: [4, 1] }));
 * const loss = mean(square(sub(matMul(x, w), y)));
 * const training = await trainGraph({ session, loss, inputs: [x, y], optimizer: adam(), strategy });
 * for (let epoch = 0; epoch < 5; epoch++) console.log(await training.epoch(batches)); // { loss: 0.27 }
 * await training.end();
 */
export async function trainGraph(options: TrainGraphOptions): Promise<GraphTraining> {
  const { strategy = inSession, inputs, yieldEvery } = options;
  const trainer = await strategy.begin(trainableGraph(options));
  return new GraphTraining(trainer, inputs, new Turns(yieldEvery));
}

/** Training of a graph from `trainGraph` to `end`. Between two epochs the session holds all variables and the optimizer's state. */
export class GraphTraining {
  private readonly trainer: Trainer;
  private readonly inputs: readonly Tensor[];
  private readonly turns: Turns;
  private epochs = 0;
  private state: 'idle' | 'running' | 'stopping' | 'ended' = 'idle';

  constructor(trainer: Trainer, inputs: readonly Tensor[], turns: Turns) {
    this.trainer = trainer;
    this.inputs = inputs;
    this.turns = turns;
  }

  /**
   * Trains on all batches once; means over their examples. After an error the session has the state from before the epoch, or, without
   * a strategy, that after the last step. Errors: STATE_INVALID, FEED_INVALID, FEED_MISSING, and those of the strategy.
   */
  async epoch(batches: GraphBatches, { onStep }: GraphEpochOptions = {}): Promise<Logs> {
    this.enter();
    const { trainer, turns, epochs } = this;
    const logs = () => trainer.logs();
    const pass = new StreamPass(elementsOf(batches, epochs), async (given) => this.read(given));
    try {
      const after = async (step: number, examples: number) => onStep?.({ step, examples, logs });
      const stopped = () => this.state === 'stopping';
      const around = { stopped, ...(onStep && { after }) };
      const count = await trainer.epoch({ epoch: epochs, pass, around, turns, first: 0 });
      this.epochs++;
      await turns.takeAfterEpoch();
      if (count > 0) return logs();
      if (stopped()) return {};
      throw noExamples(`there was no batch in epoch ${epochs}.`);
    } finally {
      if (!this.ended) this.state = 'idle';
      await pass.close();
    }
  }

  /** Ends the epoch that runs after the step that is being made; its state stays. */
  stop(): void {
    if (this.state === 'running') this.state = 'stopping';
  }

  /** Gives back what the strategy holds. */
  async end(): Promise<void> {
    if (this.ended) return;
    this.state = 'ended';
    await this.trainer.end();
  }

  private get ended(): boolean {
    return this.state === 'ended';
  }

  private enter(): void {
    if (this.state !== 'idle') {
      const { ended } = this;
      throw new GraphError('STATE_INVALID', 'epoch', {
        what: ended ? 'the training has ended.' : 'another epoch runs.',
        fix: ended ? 'call trainGraph again.' : 'await it before.',
      });
    }
    this.state = 'running';
  }

  /** A batch as the graph takes it. */
  private read(given: unknown): Examples {
    const { inputs } = this;
    if (!Array.isArray(given) || given.length !== inputs.length) {
      const count = Array.isArray(given) ? `${given.length} values` : 'no list of values';
      throw new GraphError('FEED_INVALID', 'epoch', {
        what: `a batch is ${count}; there are ${inputs.length} inputs.`,
        fix: 'give [value, ...] in the order of the inputs.',
      });
    }
    const values = given.map((value, i) => hostValue(value as TensorData, inputs[i] as Tensor));
    const examples = values[0]?.shape[0];
    const other = values.findIndex(({ shape }) => shape[0] !== examples);
    if (other < 0) return { inputs: values, targets: [] };
    throw new GraphError('FEED_INVALID', (inputs[other] as Tensor).node.where, {
      what: 'the values of a batch have other numbers of examples.',
      given: { first: values[0] as HostTensor, this: values[other] as HostTensor },
    });
  }
}

/** Errors: FEED_INVALID. */
function hostValue(given: TensorData, { dtype, shape, node }: Tensor): HostTensor {
  const value = hostTensor(given, { dtype });
  const fits =
    value.shape.length === shape.length &&
    shape.every((size, axis) => size === null || size === value.shape[axis]);
  if (fits) return value;
  throw new GraphError('FEED_INVALID', node.where, {
    what: `it takes ${dtype}[${shape.map((size) => size ?? '?').join(', ')}].`,
    given: { value },
  });
}
