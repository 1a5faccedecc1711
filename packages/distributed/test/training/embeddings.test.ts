import { adam, HostTensor, mean, type Optimizer, sgd } from '@tenon/core';
import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { input, layers, type Model, model as modelOf, sequential } from '@tenon/layers';
import { expect } from 'chai';
import { failure } from '../failure.js';
import { largestDifference } from './largest-difference.js';

const rows = 96;
const words = 40;
const length = 3;
const x = new HostTensor(
  Int32Array.from({ length: rows * length }, (_, i) => (i * 7919) % (words - 5)),
  [rows, length],
);
const y = new HostTensor(
  Float32Array.from({ length: rows }, (_, i) => Math.sin(i * 0.3)),
  [rows, 1],
);
const wave = (size: number, step: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(i * step));

async function sentences(optimizer: Optimizer = sgd({ learningRate: 0.1 })): Promise<Model> {
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: words, outputDim: 4, inputShape: [length] }),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const weights = await model.getWeights();
  await model.setWeights(
    weights.map(({ shape, size }, i) => new HostTensor(wave(size, 0.1 + i), shape)),
  );
  return model;
}

/** The loss is the output, so that the gradient of a row is how often a batch looks it up. */
async function means(optimizer: Optimizer): Promise<Model> {
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: words, outputDim: 4, inputShape: [length] }),
      layers.flatten(),
    ],
  });
  const loss = (_target: unknown, output: Parameters<typeof mean>[0]) => mean(output, { axis: -1 });
  model.compile({ optimizer, loss });
  await model.setWeights([new HostTensor(new Float32Array(words * 4), [words, 4])]);
  return model;
}

/** One element of each row after training of `means`. */
function lazyAdam(rate: number): Float64Array {
  const [w, m, v] = [0, 1, 2].map(() => new Float64Array(words)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const ids = x.data as Int32Array;
  for (let step = 1; step <= (options.epochs * rows) / options.batchSize; step++) {
    const size = options.batchSize * length;
    const from = ((step - 1) * size) % ids.length;
    const counts = new Map<number, number>();
    for (const id of ids.subarray(from, from + size)) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const [row, count] of counts) {
      const gradient = count / (4 * size);
      const momentum = 0.9 * (m[row] as number) + 0.1 * gradient;
      const velocity = 0.999 * (v[row] as number) + 0.001 * gradient ** 2;
      // In float32, where 1 - 0.999 has lost four digits.
      const rest = (beta: number) => Math.fround(1 - Math.fround(Math.fround(beta) ** step));
      const correction = Math.sqrt(rest(0.999)) / rest(0.9);
      w[row] = (w[row] as number) - (rate * correction * momentum) / (Math.sqrt(velocity) + 1e-7);
      m[row] = momentum;
      v[row] = velocity;
    }
  }
  return w;
}

const x2 = new HostTensor(
  Int32Array.from(x.data as Int32Array, (id) => (id * 3 + 1) % words),
  [rows, length],
);

/** One embedding of two inputs. */
async function pairs(): Promise<Model> {
  const inputs = ['one', 'other'].map((name) => input({ shape: [length], dtype: 'int32', name }));
  const embedding = layers.embedding({ inputDim: words, outputDim: 4 });
  const found = inputs.map((own) => layers.flatten().apply(embedding.apply(own)));
  const outputs = layers.dense({ units: 1 }).apply(layers.concatenate().apply(found));
  const model = modelOf({ inputs, outputs });
  model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
  const weights = await model.getWeights();
  await model.setWeights(
    weights.map(({ shape, size }, i) => new HostTensor(wave(size, 0.1 + i), shape)),
  );
  return model;
}

const options = { epochs: 3, batchSize: 12, verbose: 0, shuffle: { seed: 5 } } as const;

const modes = [
  { mode: 'sync' },
  { mode: 'sync', backups: 1 },
  { mode: 'async' },
  { mode: 'hybrid', groups: 2, replicas: 2 },
] as const satisfies readonly DataParallelOptions[];

describe('embeddings by rows', () => {
  for (const mode of modes) {
    it(`train with ${JSON.stringify(mode)}`, async () => {
      const cluster = await createLocalCluster({ workers: 3, parameterServers: 2 });
      const model = await sentences();
      const strategy = dataParallel({ ...mode, cluster });
      const { history } = await model.fit(x, y, { ...options, strategy });
      const losses = history.loss as number[];
      expect(losses[2]).to.be.below(losses[0] as number);
      await cluster.close();
    });
  }

  it('equal one process with gradient descent', async () => {
    const alone = await sentences();
    await alone.fit(x, y, options);
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 2 });
    const model = await sentences();
    await model.fit(x, y, { ...options, strategy: dataParallel({ mode: 'sync', cluster }) });
    expect(largestDifference(await model.getWeights(), await alone.getWeights())).to.be.below(1e-6);
    await cluster.close();
  });

  it('equal one process where a table is read twice', async () => {
    const fitted = async (strategy?: ReturnType<typeof dataParallel>) => {
      const model = await pairs();
      await model.fit([x, x2], y, { ...options, ...(strategy && { strategy }) });
      return model.getWeights();
    };
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
    const found = await fitted(dataParallel({ mode: 'sync', cluster }));
    expect(largestDifference(found, await fitted())).to.be.below(1e-6);
    await cluster.close();
  });

  it('equal lazy Adam: rows that a batch does not look up keep their value and slots', async () => {
    const model = await means(adam({ learningRate: 0.01 }));
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
    const strategy = dataParallel({ mode: 'sync', cluster });
    await model.fit(x, y, { ...options, shuffle: false, strategy });
    const [weights] = await model.getWeights();
    const expected = lazyAdam(0.01);
    const found = Array.from(weights?.data as Float32Array).filter((_, i) => i % 4 === 0);
    found.forEach((value, row) => {
      expect(value, `row ${row}`).to.be.closeTo(expected[row] as number, 1e-6);
    });
    await cluster.close();
  });

  it('equal one process with Adam as a whole', async () => {
    const whole = async (strategy?: ReturnType<typeof dataParallel>) => {
      const model = await means(adam({ learningRate: 0.01 }));
      await model.fit(x, y, { ...options, ...(strategy && { strategy }) });
      return model.getWeights();
    };
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
    const found = await whole(dataParallel({ mode: 'sync', embeddings: 'whole', cluster }));
    expect(largestDifference(found, await whole())).to.be.below(1e-6);
    await cluster.close();
  });

  it('name the layer that was given an index out of range', async () => {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: 1 });
    const model = await sentences();
    const wrong = new HostTensor(new Int32Array(rows * length).fill(words), [rows, length]);
    const error = await failure(
      model.fit(wrong, y, { ...options, strategy: dataParallel({ mode: 'sync', cluster }) }),
    );
    expect(error.code).to.equal('INDEX_OUT_OF_RANGE');
    expect(error.message).to.match(/embedding.*index 40 of a table of 40 rows/s);
    await cluster.close();
  });
});
