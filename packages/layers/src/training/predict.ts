import {
  type BoundRun,
  type Callable,
  dtypes,
  HostTensor,
  parseOptions,
  placeholder,
  type Session,
  type Tensor,
  type TypedArray,
} from '@tenon/core';
import { z } from 'zod';
import type { CallContext } from '../layer.js';
import type { Model } from '../model/model.js';
import { ArraySource, noExamples } from './data/array-source.js';
import { isRecord, readInputs } from './data/columns.js';
import { hostBatch, passOf } from './data/host-batch.js';
import { StreamPass } from './data/stream-pass.js';
import { type BatchSpecs, isStream, type Pass, type TrainingData } from './data.js';
import { endlessPass } from './evaluate.js';
import { runBatch } from './steps/run-batch.js';
import { Turns } from './turns.js';

const predictConfig = z.strictObject({
  /** Examples that are computed at once. */
  batchSize: z.int().min(1).default(32),
});

/** Options of `predict`. */
export type PredictOptions = z.input<typeof predictConfig>;

const inference: CallContext = { training: false, update: () => {} };

/** The inference graph of a model, prepared once. */
export class Predictor {
  readonly session: Session;
  private readonly model: Model;
  private readonly callable: Callable<readonly Tensor[]>;
  private specs: BatchSpecs | undefined;
  private bound!: BoundRun<HostTensor[]>;

  constructor(model: Model) {
    this.model = model;
    this.session = model.session;
    const inputs = model.inputs.map(({ dtype, shape }, i) =>
      placeholder({ dtype, shape, name: model.inputNames[i] as string }),
    );
    this.callable = model.session.prepare(model.run(inputs, inference), inputs);
  }

  /** Outputs for all rows, computed in batches. Errors: FEED_INVALID, FEED_MISSING, ATTRIBUTE_INVALID. */
  async run(x: TrainingData, options: PredictOptions): Promise<HostTensor[]> {
    const { batchSize } = parseOptions('predict', predictConfig, options);
    const pass = isStream(x) ? this.read(x) : this.cut(x, batchSize);
    const parts: HostTensor[][] = [];
    const turns = new Turns();
    try {
      for (let batch = await pass.next(); batch; ) {
        const ran = runBatch(this.bind(batch.specs), batch);
        if (ran) await ran;
        parts.push(this.bound.read());
        const turn = turns.looks() ? turns.take() : undefined;
        if (turn) await turn;
        const next = pass.next();
        batch = next instanceof Promise ? await next : next;
      }
    } finally {
      await pass.close();
    }
    const [first, ...more] = parts;
    if (!first) throw noExamples('the data set gave no batch to predict.');
    if (more.length === 0) return first;
    return first.map((_, output) => joined(parts.map((part) => part[output] as HostTensor)));
  }

  private bind(specs: BatchSpecs): BoundRun {
    if (specs !== this.specs) {
      this.bound = this.callable.bind(specs.inputs.map(({ shape }) => shape)) as typeof this.bound;
      this.specs = specs;
    }
    return this.bound;
  }

  private cut(x: TrainingData, batchSize: number): Pass {
    const inputs = readInputs(this.model, x);
    // No rows are predicted too: there is a shape to give.
    if (inputs[0]?.shape[0] === 0) return passOf([hostBatch({ inputs, targets: [] })]);
    return new ArraySource(inputs, [], { batchSize, shuffle: false }).pass(0);
  }

  /** Inputs of each element: the whole of it, or what `fit` would take for inputs. */
  private read(stream: AsyncIterable<unknown>): Pass {
    if ((stream as { size?: unknown }).size === Number.POSITIVE_INFINITY)
      throw endlessPass('a data set that ends');
    return new StreamPass(stream[Symbol.asyncIterator](), async (element) => {
      const whole = isRecord(element) && 'xs' in element ? element.xs : element;
      const x = (Array.isArray(whole) ? whole[0] : whole) as TrainingData;
      return { inputs: readInputs(this.model, x), targets: [] };
    });
  }
}

/** Rows of several tensors in one. */
function joined(parts: readonly HostTensor[]): HostTensor {
  const [{ dtype, shape }] = parts as [HostTensor];
  const data = new dtypes[dtype].host(
    parts.reduce((size, part) => size + part.size, 0),
  ) as TypedArray;
  let [offset, rows] = [0, 0];
  for (const part of parts) {
    (data as Float32Array).set(part.data as Float32Array, offset);
    offset += part.size;
    rows += part.shape[0] as number;
  }
  return new HostTensor(data, [rows, ...shape.slice(1)], dtype);
}
