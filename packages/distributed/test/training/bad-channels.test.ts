import { HostTensor, sgd } from '@tenon/core';
import { type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';
import { BadChannel, badCluster, type Faults } from './bad-channels.js';
import { batchSize, countingModel, epochs, expectAppliedOnce, x, y } from './counting-model.js';

const runs = Number(process.env.TENON_RUNS ?? 1);
const only = process.env.SEED === undefined ? undefined : Number(process.env.SEED);
const seeds = only === undefined ? [...Array(runs).keys()] : [only];

const none: Faults = { loss: 0, duplication: 0, lateness: 0, breaks: 0 };
const some: Faults = { loss: 0.01, duplication: 0.2, lateness: 0.02, breaks: 0 };
const all: Faults = { ...some, breaks: 0.002 };
const times = { leaseMs: 200, checkpointEvery: 5, timeoutMs: 20_000 };

const modes = [
  { mode: 'sync', replicas: 3 },
  { mode: 'sync', replicas: 3, backups: 1 },
  { mode: 'async', replicas: 3 },
  { mode: 'hybrid', replicas: 2, groups: 2 },
  { mode: 'hybrid', replicas: 3, groups: 1, backups: 1 },
] as const satisfies readonly DataParallelOptions[];

/** An embedding, whose rows travel beside the messages, and all that depends on the order of updates. */
async function sentences(): Promise<Model> {
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: 40, outputDim: 4, inputShape: [3] }),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    loss: 'meanSquaredError',
  });
  const weights = await model.getWeights();
  const wave = (size: number, step: number) =>
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * step));
  await model.setWeights(
    weights.map(({ shape, size }, i) => new HostTensor(wave(size, 0.1 + i), shape)),
  );
  return model;
}

async function weightsAfter(faults: Faults, seed: number): Promise<readonly HostTensor[]> {
  const cluster = badCluster({ worker: 3, ps: 2 }, { seed, ...faults });
  const model = await sentences();
  const ids = Int32Array.from({ length: 120 * 3 }, (_, i) => (i * 7919) % 40);
  const targets = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * 0.3));
  await model.fit(new HostTensor(ids, [120, 3]), new HostTensor(targets, [120, 1]), {
    epochs: 2,
    batchSize: 12,
    verbose: 0,
    shuffle: { seed: 3 },
    strategy: dataParallel({ mode: 'sync', cluster, ...times }),
  });
  cluster.close();
  return model.getWeights();
}

describe('training whose messages come late, twice, in another order or not at all', function () {
  this.timeout(60_000 + 10_000 * runs);

  for (const mode of modes) {
    for (const [what, faults] of Object.entries({ some, 'channels that break': all })) {
      it(`${JSON.stringify(mode)}, ${what}: every example is applied once in each epoch`, async () => {
        for (const seed of seeds) {
          const cluster = badCluster({ worker: 3, ps: 2 }, { seed, ...faults });
          const model = await countingModel();
          await model.fit(x, y, {
            epochs,
            batchSize,
            verbose: 0,
            strategy: dataParallel({ ...mode, ...times, cluster }),
          });
          cluster.close();
          await expectAppliedOnce(model, `seed ${seed}`);
        }
      });
    }
  }

  it('synchronous training ends with the same bits as without any fault', async () => {
    const expected = await weightsAfter(none, 0);
    for (const seed of seeds)
      expect(await weightsAfter(all, seed), `seed ${seed}`).to.deep.equal(expected);
  });

  it('something was done to messages in each way', () => {
    expect(Math.min(...Object.values(BadChannel.done))).to.be.above(seeds.length);
  });
});
