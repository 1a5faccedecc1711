import { type GraphError, HostTensor, Session, sgd, type Tensor } from '@tenon/core';
import { Dataset } from '@tenon/data';
import { expect } from 'chai';
import { firstValueFrom, toArray } from 'rxjs';
import {
  callbacks,
  input,
  layers,
  type Model,
  model,
  sequential,
  type TrainingEventOf,
} from '../../src/index.js';

const rows = 14;
const x = new HostTensor(
  Float32Array.from({ length: rows }, (_, i) => Math.sin(i)),
  [rows, 1],
);
const y = new HostTensor(
  Float32Array.from({ length: rows }, (_, i) => Math.cos(i)),
  [rows, 1],
);
const quiet = { verbose: 0 } as const;

const linear = (options: object = {}) => {
  const model = sequential({
    layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })],
  });
  model.compile({
    optimizer: sgd({ learningRate: 0.1 }),
    loss: 'mse',
    session: new Session(),
    ...options,
  });
  return model;
};

function stop(model: Model): void {
  model.stopTraining = true;
}

async function codeOf(promise: () => unknown): Promise<string> {
  try {
    await promise();
  } catch (error) {
    return (error as GraphError).code;
  }
  return 'none';
}

describe('stepsPerExecution', () => {
  it('makes the same steps, and tells of the first and the last of each execution', async () => {
    const results = [];
    for (const stepsPerExecution of [1, 3, 100]) {
      const model = linear({ stepsPerExecution });
      const events = await firstValueFrom(
        model.fit$(x, y, { batchSize: 2, epochs: 2, ...quiet }).pipe(toArray()),
      );
      const told = events.filter(
        (event) => event.type === 'batchEnd',
      ) as TrainingEventOf<'batchEnd'>[];
      const begun = events.filter(
        (event) => event.type === 'batchBegin',
      ) as TrainingEventOf<'batchBegin'>[];
      const ended = events.filter(
        (event) => event.type === 'epochEnd',
      ) as TrainingEventOf<'epochEnd'>[];
      results.push({
        weights: (await model.getWeights()).map((weight) => weight.array()),
        epochs: ended.map(({ logs }) => logs),
        last: told.at(-1)?.logs,
        batches: told.map(({ batch, size }, i) => [begun[i]?.batch, batch, size]),
      });
    }
    const [one, three, all] = results;
    expect([three?.weights, three?.epochs]).to.deep.equal([one?.weights, one?.epochs]);
    expect([all?.weights, all?.epochs]).to.deep.equal([one?.weights, one?.epochs]);
    expect([three?.last, all?.last]).to.deep.equal([one?.last, one?.last]);
    const epoch = [
      [0, 2, 6],
      [3, 5, 6],
      [6, 6, 2],
    ];
    expect(three?.batches).to.deep.equal([...epoch, ...epoch]);
    expect(all?.batches).to.deep.equal([
      [0, 6, 14],
      [0, 6, 14],
    ]);
  });

  it('is exact for data sets, stepsPerEpoch and evaluate', async () => {
    const ends: number[] = [];
    const model = linear({ stepsPerExecution: 4 });
    const data = Dataset.from([x, y]).batch(2);
    await model.fitDataset(data, {
      stepsPerEpoch: 6,
      epochs: 2,
      callbacks: { onBatchEnd: (batch) => void ends.push(batch) },
      ...quiet,
    });
    expect(ends).to.deep.equal([3, 5, 3, 5]);
    const first = await model.evaluate(x, y, { batchSize: 2, steps: 3 });
    const head = [x, y].map(({ data }) => new HostTensor(data.slice(0, 6), [6, 1])) as [
      HostTensor,
      HostTensor,
    ];
    expect(first.loss).to.be.closeTo((await model.evaluate(...head)).loss as number, 1e-6);
  });

  it('stops between executions, and is refused unless a positive integer', async () => {
    const model = linear({ stepsPerExecution: 3 });
    const before = model.session.runs;
    await model.fit(x, y, {
      batchSize: 2,
      epochs: 5,
      callbacks: { onBatchEnd: () => stop(model) },
      ...quiet,
    });
    expect(model.session.runs - before).to.equal(3);
    expect([
      await codeOf(() => linear({ stepsPerExecution: 0 })),
      await codeOf(() => linear({ stepsPerExecution: 1.5 })),
    ]).to.deep.equal(['ATTRIBUTE_INVALID', 'ATTRIBUTE_INVALID']);
  });
});

describe('yieldEvery', () => {
  /** Turns that other tasks got during two epochs of 7 batches. */
  async function turns(yieldEvery: 'auto' | 'batch' | 'epoch' | 'never' | number) {
    const model = linear();
    await model.fit(x, y, { batchSize: 2, ...quiet });
    let count = 0;
    let going = true;
    const turn = () => {
      count++;
      if (going) setImmediate(turn);
    };
    let seen = 0;
    const begin = () => void setImmediate(turn);
    const end = () => {
      seen = count;
    };
    await model.fit(x, y, {
      batchSize: 2,
      epochs: 2,
      yieldEvery,
      callbacks: { onTrainBegin: begin, onTrainEnd: end },
      ...quiet,
    });
    going = false;
    return seen;
  }

  it('says when other tasks of the process get a turn', async () => {
    expect(await turns('never')).to.equal(0);
    expect(await turns(1e9)).to.equal(0);
    expect(await turns('epoch')).to.be.within(2, 3);
    expect(await turns('batch')).to.be.at.least(14);
    expect(await turns(0)).to.be.at.least(14);
  });

  it('lets timers run by default, and is refused by code', async () => {
    const many = new HostTensor(new Float32Array(40_000), [40_000, 1]);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await linear().fit(many, many, { batchSize: 4, ...quiet });
    clearInterval(timer);
    expect(ticks).to.be.above(1);
    expect([
      await codeOf(() => linear().fit(x, y, { yieldEvery: 'sometimes' as never })),
      await codeOf(() => linear().fit(x, y, { yieldEvery: -1 })),
    ]).to.deep.equal(['ATTRIBUTE_INVALID', 'ATTRIBUTE_INVALID']);
  });
});

describe('logs and batches', () => {
  it('of a step stay as they are when others follow', async () => {
    const kept: Readonly<Record<string, number>>[] = [];
    const keep = callbacks.lambdaCallback({ onBatchEnd: (_batch, logs) => void kept.push(logs) });
    const model = linear({ optimizer: sgd({ learningRate: 1e-12 }) });
    await model.fit(x, y, { batchSize: 7, shuffle: false, callbacks: keep, ...quiet });
    const halves = [y.data.slice(0, 7), y.data].map(
      (part) => Array.from(part as Float32Array).reduce((sum, v) => sum + v * v, 0) / part.length,
    );
    kept.forEach((logs, i) => {
      expect(logs.loss).to.be.closeTo(halves[i] as number, 1e-6);
    });
    expect(kept).to.have.length(2);
  });

  it('are converted to what the inputs take: bytes, doubles, int64', async () => {
    const dtypes = ['float32', 'int32', 'bool', 'int64'] as const;
    const given = [
      new HostTensor(new Uint8Array([0, 1, 3]), [3, 1]),
      new HostTensor(new Float64Array([0, 1, 3]), [3, 1]),
      new HostTensor(new BigInt64Array([0n, 1n, 3n]), [3, 1]),
    ];
    const found = [];
    for (const dtype of dtypes) {
      const start = input({ shape: [1], dtype });
      const net = model({ inputs: start, outputs: layers.flatten({}).apply(start) as Tensor });
      for (const data of given)
        found.push(
          Array.from((await net.predict(data, { batchSize: 2 })).data as Float32Array, Number),
        );
    }
    const same = [0, 1, 3];
    const bool = [0, 1, 1];
    expect(found).to.deep.equal([
      same,
      same,
      same,
      same,
      same,
      same,
      bool,
      bool,
      bool,
      same,
      same,
      same,
    ]);
  });

  it('train the same with weights of one and without', async () => {
    const values = [];
    for (const sampleWeight of [undefined, new Float32Array(rows).fill(1)]) {
      const model = linear();
      await model.fit(x, y, {
        batchSize: 4,
        ...quiet,
        ...(sampleWeight ? { sampleWeight } : {}),
      });
      values.push((await model.getWeights()).map((weight) => weight.array()));
    }
    expect(values[0]).to.deep.equal(values[1]);
  });
});
