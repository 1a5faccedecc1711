import { adam, HostTensor } from '@tenon/core';
import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';
import { largestDifference } from './largest-difference.js';

const rows = 200;
const wave = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * step));
const x = new HostTensor(wave(rows * 6, 1.7), [rows, 6]);
const y = new HostTensor(wave(rows * 2, 0.3), [rows, 2]);

async function mlp(): Promise<Model> {
  const model = sequential({
    layers: [
      layers.dense({ units: 16, activation: 'tanh', inputShape: [6] }),
      layers.dense({ units: 2 }),
    ],
  });
  model.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: 'meanSquaredError',
    metrics: ['meanAbsoluteError'],
  });
  const weights = await model.getWeights();
  await model.setWeights(
    weights.map(({ shape, size }, i) => new HostTensor(wave(size, 0.1 + i), shape)),
  );
  return model;
}

const options = { epochs: 10, batchSize: 20, verbose: 0, shuffle: { seed: 5 } } as const;

const clusters = [
  { tasks: 'here', workers: 1 },
  { tasks: 'here', workers: 2 },
  { tasks: 'here', workers: 3 },
  { tasks: 'threads', workers: 2 },
] as const;

describe('synchronous replicas', () => {
  for (const { tasks, workers } of clusters) {
    it(`${workers} of them (${tasks}) equal one process on the joined batch, 100 steps of an MLP with Adam`, async function () {
      // Each thread loads the engine from its sources.
      this.timeout(60_000);
      const alone = await mlp();
      const one = await alone.fit(x, y, options);
      const counts = { workers, parameterServers: 2 };
      const cluster =
        tasks === 'here'
          ? await createLocalCluster(counts)
          : await createLocalCluster({ tasks, ...counts });
      const model = await mlp();
      const strategy = dataParallel({ mode: 'sync', cluster });
      const { history } = await model.fit(x, y, { ...options, strategy });
      expect(largestDifference(await model.getWeights(), await alone.getWeights())).to.be.below(
        1e-6,
      );
      for (const [name, values] of Object.entries(one.history)) {
        values.forEach((value, epoch) => {
          expect(history[name]?.[epoch], name).to.be.closeTo(value, 1e-5);
        });
      }
      await cluster.close();
    });
  }
});
