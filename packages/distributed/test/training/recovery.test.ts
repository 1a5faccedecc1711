import { HostTensor, sgd } from '@tenon/core';
import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';

const rows = 480;
const wave = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * step));
const x = new HostTensor(wave(rows * 4, 1.7), [rows, 4]);
// Something that can be learnt, so that the loss goes down whatever happens.
const y = new HostTensor(
  Float32Array.from({ length: rows }, (_, i) => 2 * Number(x.data[4 * i]) - 1),
  [rows, 1],
);

function mlp(): Model {
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

describe('a task that loses all it had', () => {
  for (const mode of modes) {
    for (const job of ['worker', 'ps']) {
      it(`${job} of ${JSON.stringify(mode)}: training goes on`, async () => {
        const cluster = await createLocalCluster({ workers: 3, parameterServers: 2 });
        const victim = cluster.workers.find(({ name }) => name.startsWith(`/job:${job}/`));
        let steps = 0;
        const { history } = await mlp().fit(x, y, {
          epochs: 2,
          batchSize: 12,
          verbose: 0,
          callbacks: {
            onBatchEnd: () => {
              if (++steps === 55) victim?.training.close();
            },
          },
          strategy: dataParallel({ ...mode, cluster, checkpointEvery: 10, leaseMs: 1000 }),
        });
        const losses = history.loss as number[];
        expect(losses[1]).to.be.below(losses[0] as number);
        expect(steps).to.be.at.least(80);
        await cluster.close();
      });
    }
  }
});

describe('synchronous training that loses tasks', () => {
  it('ends with the same bits as training that loses none', async () => {
    const weightsAfter = async (lost: readonly number[]) => {
      const cluster = await createLocalCluster({ workers: 3, parameterServers: 2 });
      const model = mlp();
      await model.setWeights(
        (await model.getWeights()).map(
          ({ shape, size }, i) => new HostTensor(wave(size, 0.1 + i), shape),
        ),
      );
      let steps = 0;
      const lose = () => {
        const place = lost.indexOf(steps++);
        if (place >= 0) cluster.workers[place % cluster.workers.length]?.training.close();
      };
      await model.fit(x, y, {
        epochs: 2,
        batchSize: 24,
        verbose: 0,
        shuffle: { seed: 3 },
        callbacks: { onBatchEnd: lose },
        strategy: dataParallel({ mode: 'sync', cluster, checkpointEvery: 7 }),
      });
      await cluster.close();
      return model.getWeights();
    };
    expect(await weightsAfter([3, 11, 17, 24, 31])).to.deep.equal(await weightsAfter([]));
  });
});
