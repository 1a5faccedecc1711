import { adam, HostTensor, sgd } from '@tenon/core';
import { createLocalCluster, dataParallel, type InProcessCluster } from '@tenon/distributed';
import { callbacks, layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';

const rows = 70;
const wave = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * step));
const x = new HostTensor(wave(rows * 4, 1.7), [rows, 4]);
const y = new HostTensor(wave(rows, 0.3), [rows, 1]);

async function withWeights(model: Model): Promise<Model> {
  const weights = await model.getWeights();
  const given = weights.map(({ size, shape }, i) => new HostTensor(wave(size, 0.1 + i), shape));
  await model.setWeights(given.map((value, i) => (i < 2 ? value : (weights[i] as HostTensor))));
  return model;
}

const normalized = () => {
  const model = sequential({
    layers: [
      layers.dense({ units: 5, inputShape: [4] }),
      layers.batchNormalization(),
      layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  });
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
  return withWeights(model);
};

const plain = () => {
  const model = sequential({
    layers: [
      layers.dense({ units: 5, activation: 'tanh', inputShape: [4] }),
      layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  });
  model.compile({
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    loss: 'meanSquaredError',
    metrics: ['meanAbsoluteError'],
  });
  return withWeights(model);
};

const differences = (one: readonly HostTensor[], other: readonly HostTensor[]): number =>
  Math.max(
    ...one.flatMap(({ data }, i) =>
      Array.from(data as Float32Array, (v, j) => Math.abs(v - Number(other[i]?.data[j]))),
    ),
  );

describe('fit with replicas', () => {
  let cluster: InProcessCluster;
  before(async () => {
    cluster = await createLocalCluster({ workers: 3, parameterServers: 1 });
  });
  after(() => cluster.close());

  const both = async (
    make: () => Promise<Model>,
    replicas: number,
    options: Parameters<Model['fit']>[2],
  ) => {
    const [alone, model] = [await make(), await make()];
    const fixed = { verbose: 0, shuffle: { seed: 2 }, batchSize: 16, ...options } as const;
    const one = await alone.fit(x, y, fixed);
    const strategy = dataParallel({ mode: 'sync', replicas, cluster });
    const many = await model.fit(x, y, { ...fixed, strategy });
    expect(differences(await model.getWeights(), await alone.getWeights())).to.be.below(1e-6);
    for (const [name, values] of Object.entries(one.history)) {
      values.forEach((value, i) => {
        expect(many.history[name]?.[i], name).to.be.closeTo(value, 1e-5);
      });
    }
    expect(Object.keys(many.history)).to.deep.equal(Object.keys(one.history));
  };

  it('schedules rates, validates and weighs examples as one process does, with uneven batches', () =>
    both(plain, 3, {
      epochs: 4,
      validationSplit: 0.2,
      sampleWeight: Float32Array.from({ length: rows }, (_, i) => 1 + (i % 3)),
      callbacks: callbacks.learningRateScheduler((_epoch, rate) => rate * 0.5),
    }));

  it('keeps moving averages', () => both(normalized, 1, { epochs: 3 }));

  it('goes on where an earlier fit has stopped', async () => {
    const [alone, model] = [await plain(), await plain()];
    const options = { verbose: 0, shuffle: { seed: 2 }, batchSize: 14 } as const;
    await alone.fit(x, y, { ...options, epochs: 4 });
    const strategy = dataParallel({ mode: 'sync', replicas: 2, cluster });
    await model.fit(x, y, { ...options, epochs: 2, strategy });
    await model.fit(x, y, { ...options, epochs: 4, initialEpoch: 2, strategy });
    expect(differences(await model.getWeights(), await alone.getWeights())).to.be.below(1e-6);
  });

  it('stops in the middle of an epoch', async () => {
    const model = await plain();
    let steps = 0;
    const { history } = await model.fit(x, y, {
      epochs: 3,
      batchSize: 2,
      verbose: 0,
      callbacks: {
        onBatchEnd: () => {
          if (++steps === 5) model.stopTraining = true;
        },
      },
      strategy: dataParallel({ mode: 'async', cluster }),
    });
    expect(history.loss).to.have.length(1);
    expect(steps).to.be.within(5, 20);
  });

  it('fails with the error of a replica, and can be called again', async () => {
    const model = sequential({
      layers: [
        layers.embedding({ inputDim: 4, outputDim: 2, inputShape: [1] }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const ids = (value: number) => new HostTensor(new Int32Array(rows).fill(value), [rows, 1]);
    const options = {
      verbose: 0,
      strategy: dataParallel({ mode: 'sync', replicas: 2, cluster }),
    } as const;
    const error = await model.fit(ids(9), y, options).catch((caught: unknown) => caught);
    expect(error).to.have.property('code', 'INDEX_OUT_OF_RANGE');
    expect((error as Error).message).to.match(/job:worker/);
    const { history } = await model.fit(ids(3), y, options);
    expect(history.loss).to.have.length(1);
  });

  it('leaves nothing at the tasks', async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(cluster.workers.map(({ training }) => training.count)).to.deep.equal([0, 0, 0, 0]);
  });

  for (const [what, options] of Object.entries({
    'more replicas than workers': { mode: 'sync', replicas: 4 },
    'nothing but backups': { mode: 'sync', backups: 3 },
    'groups of different sizes': { mode: 'hybrid', groups: 2 },
  } as const)) {
    it(`refuses ${what}`, async () => {
      const model = await plain();
      const strategy = dataParallel({ ...options, cluster });
      const error = await model.fit(x, y, { verbose: 0, strategy }).catch((e: unknown) => e);
      expect(error).to.have.property('code', 'ATTRIBUTE_INVALID');
    });
  }
});
