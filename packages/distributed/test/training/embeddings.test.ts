import { HostTensor, sgd } from '@tenon/core';
import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';

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

async function sentences(optimizer = sgd({ learningRate: 0.1 })): Promise<Model> {
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

const options = { epochs: 3, batchSize: 12, verbose: 0, shuffle: { seed: 5 } } as const;

const modes: readonly DataParallelOptions[] = [
  { mode: 'sync' },
  { mode: 'sync', backups: 1 },
  { mode: 'async' },
  { mode: 'hybrid', groups: 2, replicas: 2 },
];

const largestDifference = (one: readonly HostTensor[], other: readonly HostTensor[]): number =>
  Math.max(
    ...one.flatMap(({ data }, i) =>
      Array.from(data as Float32Array, (v, j) => Math.abs(v - Number(other[i]?.data[j]))),
    ),
  );

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
});
