import { adam, type HostTensor, hostTensor, js, rmsprop, Session, sgd } from '@tenon/core';
import { expect } from 'chai';
import {
  layers,
  type Model,
  type ModelParallelOptions,
  modelParallel,
  type Sequential,
  sequential,
} from '../../src/index.js';

const devices = [0, 1, 2].map((index) => js({ index }));
const over = ['js:0', 'js:1'];

/** Numbers without a pattern that a model could not fit exactly. */
const noise = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed) * 0.7);

/** Values for weights, the same in each run whatever was drawn before. */
const drawn = (weights: readonly HostTensor[]): HostTensor[] =>
  weights.map(({ shape, size, dtype }, i) =>
    hostTensor(
      noise(size, i).map((x) => x / 2),
      { shape, dtype },
    ),
  );

const rows = (data: Float32Array | Int32Array, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, i) => [
    ...data.slice(i * width, (i + 1) * width),
  ]);

interface Case {
  readonly model: () => Sequential;
  readonly x: unknown;
  readonly y: unknown;
  readonly loss: string;
  readonly options: ModelParallelOptions;
  /** How far weights may lie apart after 100 steps of Adam; 1e-6 when left out. */
  readonly tolerance?: number;
}

const mlp: Case = {
  model: () =>
    sequential({
      layers: [
        layers.dense({ units: 11, activation: 'relu', inputShape: [6] }),
        layers.dense({ units: 9, activation: 'tanh' }),
        layers.dense({ units: 3 }),
      ],
    }),
  x: rows(noise(20 * 6, 1), 6),
  y: rows(noise(20 * 3, 2), 3),
  loss: 'meanSquaredError',
  options: {
    layout: [
      ['dense/kernel', { axis: 1, over }],
      ['dense/bias', { axis: 0, over }],
      ['dense_1/kernel', { axis: 0, over }],
      ['dense_2/kernel', { axis: 1, over: ['js:2', 'js:0'], sizes: [1, 2] }],
    ],
  },
};

const words: Case = {
  model: () =>
    sequential({
      layers: [
        layers.embedding({ inputDim: 40, outputDim: 4, inputShape: [5] }),
        layers.flatten(),
        layers.dense({ units: 1, activation: 'sigmoid' }),
      ],
    }),
  x: rows(
    Int32Array.from({ length: 16 * 5 }, (_, i) => (i * 7919) % 40),
    5,
  ),
  y: rows(
    Float32Array.from({ length: 16 }, (_, i) => i % 2),
    1,
  ),
  loss: 'binaryCrossentropy',
  options: { layout: [['embedding/embeddings', { axis: 0, over: ['js:1', 'js:2', 'js:0'] }]] },
};

const convnet: Case = {
  model: () =>
    sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 10, activation: 'softmax' }),
      ],
    }),
  x: Array.from({ length: 12 }, (_, i) => rows(noise(64, i), 8).map((row) => row.map((v) => [v]))),
  y: Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: 10 }, (_, j) => Number(j === i % 10)),
  ),
  loss: 'categoricalCrossentropy',
  options: {
    devices: [['conv2d', 'js:2']],
    layout: [['dense/.*', { axis: -1, over }]],
  },
};

const channels: Case = {
  ...convnet,
  tolerance: 1e-12,
  model: () =>
    sequential({
      layers: [
        layers.conv2d({
          filters: 4,
          kernelSize: 3,
          activation: 'relu',
          inputShape: [8, 8, 1],
          dtype: 'float64',
        }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 10, activation: 'softmax', dtype: 'float64' }),
      ],
    }),
  options: {
    layout: [
      ['conv2d/kernel', { axis: 3, over }],
      ['conv2d/bias', { axis: 0, over }],
      ['dense/kernel', { axis: 0, over: ['js:1', 'js:2'], sizes: [30, 6] }],
    ],
  },
};

const doubles: Case = {
  ...mlp,
  tolerance: 1e-12,
  model: () =>
    sequential({
      layers: [
        layers.dense({ units: 11, activation: 'relu', inputShape: [6], dtype: 'float64' }),
        layers.dense({ units: 9, activation: 'tanh', dtype: 'float64' }),
        layers.dense({ units: 3, dtype: 'float64' }),
      ],
    }),
};

const recurrent: Case = {
  model: () =>
    sequential({
      layers: [
        layers.lstm({ units: 6, inputShape: [4, 3] }),
        layers.batchNormalization({}),
        layers.dropout({ rate: 0.3, seed: 4 }),
        layers.dense({ units: 4, activation: 'softmax' }),
      ],
    }),
  x: Array.from({ length: 12 }, (_, i) => rows(noise(12, i), 3)),
  y: Array.from({ length: 12 }, (_, i) => Array.from({ length: 4 }, (_, j) => Number(j === i % 4))),
  loss: 'categoricalCrossentropy',
  options: {
    layout: [
      ['lstm/.*', { axis: -1, over: ['js:2', 'js:1'] }],
      ['batch_normalization/(gamma|moving_mean|movingMean)', { axis: 0, over }],
      ['dense/kernel', { axis: 0, over }],
    ],
  },
};

const session = () => new Session({ devices, seed: 3 });

function compiled({ model, loss, options }: Case, optimizer: unknown, split: boolean): Sequential {
  const made = model();
  made.compile({
    optimizer: optimizer as string,
    loss,
    metrics: ['mae'],
    session: session(),
    ...(split ? { strategy: modelParallel(options) } : {}),
  });
  return made;
}

const trained = async (model: Model, { x, y }: Case, epochs: number) =>
  model.fit(x as never, y as never, { epochs, batchSize: 8, shuffle: false, verbose: 0 });

function furthest(a: readonly HostTensor[], b: readonly HostTensor[]): number {
  expect(a.map(({ shape }) => shape)).to.deep.equal(b.map(({ shape }) => shape));
  const off = a.map(({ data }, i) =>
    Math.max(...Array.from(data as Float32Array, (v, j) => Math.abs(v - Number(b[i]?.data[j])))),
  );
  return Math.max(...off);
}

describe('modelParallel', () => {
  const cases = {
    'an MLP': mlp,
    'an MLP in double precision': doubles,
    'an embedding model': words,
    'a convnet': convnet,
    'a convnet cut by channels, in double precision': channels,
  };
  for (const [name, given] of Object.entries(cases)) {
    it(`trains ${name} with Adam to the weights of the whole model in 100 steps`, async () => {
      const [plain, split] = [false, true].map((which) =>
        compiled(given, adam({ learningRate: 0.002 }), which),
      ) as [Sequential, Sequential];
      const start = drawn(await plain.getWeights());
      for (const model of [plain, split]) await model.setWeights(start);
      expect(furthest(await split.getWeights(), start)).to.equal(0);
      const steps = Math.ceil((given.x as unknown[]).length / 8);
      const epochs = Math.ceil(100 / steps);
      const [a, b] = [await trained(plain, given, epochs), await trained(split, given, epochs)];
      const ends = [await plain.getWeights(), await split.getWeights()] as const;
      expect(furthest(ends[0], start)).to.be.above(0.05);

      expect(furthest(...ends)).to.be.below(given.tolerance ?? 1e-6);
      const losses = [a, b].map(({ history }) => history.loss as readonly number[]);
      expect(losses[0]?.at(-1)).to.be.below((losses[0]?.[0] ?? 0) * 0.99);
      losses[0]?.forEach((loss, i) => expect(losses[1]?.[i]).to.be.closeTo(loss, 1e-6));
      const outputs = [plain, split].map((model) => model.predict(given.x as never));
      const [whole, pieces] = await Promise.all(outputs);
      expect(furthest([whole as HostTensor], [pieces as HostTensor])).to.be.below(1e-6);
      const logs = [plain, split].map((model) =>
        model.evaluate(given.x as never, given.y as never),
      );
      const [one, other] = await Promise.all(logs);
      expect(other?.mae).to.be.closeTo(one?.mae ?? 0, 1e-6);
    });
  }

  it('trains recurrent layers, normalisation and dropout too, their weights in pieces', async () => {
    const [plain, split] = [false, true].map((which) =>
      compiled(recurrent, sgd({ learningRate: 0.1 }), which),
    ) as [Sequential, Sequential];
    const start = await plain.getWeights();
    await split.setWeights(start);
    for (const model of [plain, split]) await trained(model, recurrent, 5);
    const end = await plain.getWeights();
    expect(furthest(end, start)).to.be.above(0.01);
    expect(furthest(end, await split.getWeights())).to.be.below(1e-6);
  });

  const optimizers = {
    'SGD with momentum': () => sgd({ momentum: 0.9 }),
    'RMSprop with clipping': () => rmsprop({ centered: true, globalClipNorm: 0.1 }),
  };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    it(`trains with ${name} too`, async () => {
      const models = [false, true].map((split) => compiled(mlp, optimizer(), split));
      const [plain, split] = models as [Sequential, Sequential];
      await split.setWeights(await plain.getWeights());
      for (const model of models) await trained(model, mlp, 10);
      expect(furthest(await plain.getWeights(), await split.getWeights())).to.be.below(1e-6);
    });
  }
});
