import { adam, HostTensor, type Optimizer, rmsprop, sgd } from '@tenon/core';
import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { layers, type Model, replicaGraph, sequential } from '@tenon/layers';
import { expect } from 'chai';
import { planParameters } from '../../src/training/chief/parameter-plan.js';

const rows = 120;
const words = 50;
const length = 3;
const wave = (size: number, step: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(i * step));
const ids = Int32Array.from({ length: rows * length }, (_, i) => (i * 7919 + (i >> 3)) % words);
const x = new HostTensor(ids, [rows, length]);
const y = new HostTensor(wave(rows, 0.3), [rows, 1]);
const options = { epochs: 2, batchSize: 12, verbose: 0, shuffle: { seed: 5 } } as const;

/** A table, a wide layer, values that batches move, and small weights. */
async function sentences(optimizer: Optimizer): Promise<Model> {
  const model = sequential([
    layers.embedding({ inputDim: words, outputDim: 7, inputShape: [length] }),
    layers.flatten(),
    layers.dense({ units: 11, activation: 'tanh' }),
    layers.batchNormalization(),
    layers.dense({ units: 1 }),
  ]);
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const weights = await model.getWeights();
  await model.setWeights(
    weights.map(
      ({ shape, size, data }, i) =>
        // The batches' variance starts as it is.
        new HostTensor(i === 6 ? data : wave(size, 0.1 + i), shape),
    ),
  );
  return model;
}

type Given = Partial<Extract<DataParallelOptions, { mode: 'sync' }>>;

/** Weights, and the state of the optimizer. */
async function trained(optimizer: Optimizer, ...runs: readonly Given[]) {
  const model = await sentences(optimizer);
  for (const given of runs) {
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 3 });
    await model.fit(x, y, {
      ...options,
      strategy: dataParallel({ mode: 'sync', cluster, ...given }),
    });
    await cluster.close();
  }
  const state = optimizer.variables().map(({ variable }) => model.session.read(variable));
  return [...(await model.getWeights()), ...(await Promise.all(state))];
}

const whole: Given = { splitBytes: Number.POSITIVE_INFINITY };
const split: Given = { splitBytes: 0 };

const optimizers: Readonly<Record<string, () => Optimizer>> = {
  'gradient descent with momentum': () => sgd({ learningRate: 0.05, momentum: 0.9 }),
  Adam: () => adam({ learningRate: 0.01 }),
  'Adam with weight decay': () => adam({ learningRate: 0.01, weightDecay: 0.01 }),
  RMSprop: () => rmsprop({ learningRate: 0.01, centered: true, momentum: 0.5 }),
  'gradients cut by value': () => sgd({ learningRate: 0.05, clipValue: 0.01 }),
  'gradients cut by the norm of a whole weight': () => sgd({ learningRate: 0.05, clipNorm: 0.01 }),
};

describe('weights in rows on several parameter servers', () => {
  for (const [name, make] of Object.entries(optimizers)) {
    it(`${name}: the same bits as whole weights`, async () => {
      expect(await trained(make(), split)).to.deep.equal(await trained(make(), whole));
    });
  }

  it('embeddings as whole weights: the same bits too', async () => {
    const as = (given: Given): Given => ({ ...given, embeddings: 'whole' });
    const make = () => adam({ learningRate: 0.01 });
    expect(await trained(make(), as(split))).to.deep.equal(await trained(make(), as(whole)));
  });

  it('a training goes on where weights lie otherwise', async () => {
    const make = () => adam({ learningRate: 0.01 });
    expect(await trained(make(), split, whole, split)).to.deep.equal(
      await trained(make(), whole, split, whole),
    );
  });

  for (const mode of [
    { mode: 'sync', backups: 1 },
    { mode: 'async' },
    { mode: 'hybrid', groups: 2 },
  ] as const satisfies readonly DataParallelOptions[]) {
    it(`train with ${JSON.stringify(mode)}`, async () => {
      const cluster = await createLocalCluster({ workers: 2, parameterServers: 3 });
      const model = await sentences(sgd({ learningRate: 0.05 }));
      const strategy = dataParallel({ ...mode, cluster, splitBytes: 0 });
      const { history } = await model.fit(x, y, { ...options, epochs: 4, strategy });
      const losses = history.loss as number[];
      expect(losses[3]).to.be.below(losses[0] as number);
      await cluster.close();
    });
  }

  it('lose none of their rows with a server', async () => {
    const weightsAfter = async (lost: readonly number[]) => {
      const cluster = await createLocalCluster({ workers: 2, parameterServers: 3 });
      const model = await sentences(adam({ learningRate: 0.01 }));
      let steps = 0;
      const lose = () => {
        if (lost.includes(steps++)) cluster.workers[2 + (steps % 3)]?.training.close();
      };
      const strategy = dataParallel({ mode: 'sync', cluster, splitBytes: 0, checkpointEvery: 3 });
      await model.fit(x, y, { ...options, callbacks: { onBatchEnd: lose }, strategy });
      await cluster.close();
      return model.getWeights();
    };
    expect(await weightsAfter([4, 9, 14])).to.deep.equal(await weightsAfter([]));
  });
});

describe('the plan of parameters', () => {
  const planned = async (
    given: { servers: number; splitBytes: number },
    optimizer: Optimizer = adam(),
  ) => {
    const model = await sentences(optimizer);
    const specs = {
      inputs: [{ dtype: 'int32', shape: [12, length] }],
      targets: [{ dtype: 'float32', shape: [12, 1] }],
      weighted: false,
    } as const;
    const graph = replicaGraph(model, specs, { rows: true });
    const weights = model.weights.map(({ variable }) => variable);
    return planParameters({ graph, weights, optimizer, ...given });
  };

  it('splits what is more than the share of one server', async () => {
    const { shards } = await planned({ servers: 2, splitBytes: 0 });
    // Of 350 + 231 + 11 + ... numbers, the table has more than half.
    const tables = shards.map(({ tables: own }) => own.map(({ begin, end }) => [begin, end]));
    expect(tables).to.deep.equal([[[0, 25]], [[25, 50]]]);
    const others = shards.flatMap(({ parameters }) => parameters.map(({ name }) => name));
    expect(new Set(others).size).to.equal(others.length);
  });

  it('keeps all rows of every weight, each once', async () => {
    const { shards, parameters } = await planned({ servers: 4, splitBytes: 0 });
    for (const [name, { shape }] of parameters) {
      const held = shards.flatMap((shard) => shard.parameters.filter((own) => own.name === name));
      const all = held.flatMap(({ begin, end }) =>
        Array.from({ length: end - begin }, (_, i) => begin + i),
      );
      expect(all).to.deep.equal(Array.from({ length: shape[0] ?? 1 }, (_, i) => i));
    }
  });

  it('leaves small weights whole, and those whose norm counts', async () => {
    for (const { shards } of [
      await planned({ servers: 2, splitBytes: 2 ** 18 }),
      await planned({ servers: 2, splitBytes: 0 }, sgd({ clipNorm: 1 })),
    ]) {
      const names = shards.flatMap(({ parameters, tables }) =>
        [...parameters, ...tables].map(({ name }) => name),
      );
      expect(new Set(names).size).to.equal(names.length);
    }
  });

  it('gives no server a role that it has nothing for', async () => {
    const { shards } = await planned({ servers: 40, splitBytes: Number.POSITIVE_INFINITY });
    expect(shards).to.have.length(9);
  });
});
