import { HostTensor, sgd } from '@tenon/core';
import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { layers, sequential } from '@tenon/layers';
import { expect } from 'chai';

const rows = 64;
const values = Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(i * 1.7));
const x = new HostTensor(values, [rows, 4]);
const y = new HostTensor(
  Float32Array.from({ length: rows }, (_, i) => (values[4 * i] as number) * 2 - 1),
  [rows, 1],
);

function mlp() {
  const model = sequential({
    layers: [
      layers.dense({ units: 8, activation: 'tanh', inputShape: [4] }),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
  return model;
}

const modes: readonly DataParallelOptions[] = [
  { mode: 'sync' },
  { mode: 'sync', backups: 1 },
  { mode: 'async' },
  { mode: 'hybrid', groups: 2, replicas: 2 },
];

describe('dataParallel', () => {
  for (const mode of modes) {
    it(`trains with ${JSON.stringify(mode)}`, async () => {
      const cluster = await createLocalCluster({ workers: 3, parameterServers: 2 });
      const model = mlp();
      const { history } = await model.fit(x, y, {
        epochs: 3,
        batchSize: 16,
        verbose: 0,
        strategy: dataParallel({ ...mode, cluster }),
      });
      const losses = history.loss as number[];
      expect(losses).to.have.length(3);
      expect(losses[2]).to.be.below(losses[0] as number);
      await cluster.close();
    });
  }
});
