import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostTensor, sgd } from '@tenon/core';
import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { callbacks, layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';
import { failure } from '../failure.js';
import { largestDifference } from './largest-difference.js';

const rows = 96;
const words = 40;
const wave = (size: number, step: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(i * step));
const ids = Int32Array.from({ length: rows * 3 }, (_, i) => (i * 7919) % words);
const x = new HostTensor(ids, [rows, 3]);
const y = new HostTensor(wave(rows, 0.3), [rows, 1]);

/** A table whose rows are spread like all weights, momentum for each, and dense weights. */
async function sentences(): Promise<Model> {
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: words, outputDim: 4, inputShape: [3] }),
      layers.flatten(),
      layers.dense({ units: 8, activation: 'tanh' }),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    loss: 'meanSquaredError',
  });
  const weights = await model.getWeights();
  await model.setWeights(
    weights.map(({ shape, size }, i) => new HostTensor(wave(size, 0.1 + i), shape)),
  );
  return model;
}

interface Counts {
  readonly workers: number;
  readonly servers: number;
}

class Stopped extends Error {}

/** Trains in a cluster of its own; `stop` ends the script in the midst of an epoch, as a kill does. */
async function train(
  { workers, servers }: Counts,
  options: { readonly directory?: string; readonly epochs: number; readonly stop?: number },
): Promise<readonly HostTensor[]> {
  const { directory, epochs, stop } = options;
  const cluster = await createLocalCluster({ workers, parameterServers: servers });
  const model = await sentences();
  let steps = 0;
  const end = {
    onBatchEnd: () => {
      if (steps++ === stop) throw new Stopped();
    },
  };
  const backup =
    directory === undefined ? [] : [callbacks.backupAndRestore({ directory, deleteAtEnd: false })];
  try {
    await model.fit(x, y, {
      epochs,
      batchSize: 12,
      verbose: 0,
      shuffle: { seed: 5 },
      callbacks: [end, ...backup],
      strategy: dataParallel({ mode: 'sync', cluster, checkpointEvery: 5 }),
    });
  } finally {
    await cluster.close();
  }
  return model.getWeights();
}

describe('training that goes on in a cluster of another size', function () {
  this.timeout(30_000);
  const before = { workers: 3, servers: 2 };
  const epochs = 4;
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tenon-counts-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const goesOn = async (counts: Counts) => {
    const error = await failure(train(before, { directory, epochs, stop: 20 }));
    expect(error).to.be.instanceOf(Stopped);
    return train(counts, { directory, epochs });
  };

  // Each weight is updated by itself, so that where it lives changes nothing.
  for (const servers of [1, 3]) {
    it(`with ${servers} parameter servers instead of 2: the same bits`, async () => {
      const undisturbed = await train(before, { epochs });
      expect(await goesOn({ ...before, servers })).to.deep.equal(undisturbed);
    });
  }

  // Sums of gradients are rounded otherwise where a batch is split otherwise.
  for (const counts of [
    { workers: 2, servers: 1 },
    { workers: 2, servers: 3 },
    { workers: 4, servers: 2 },
  ]) {
    it(`with ${JSON.stringify(counts)}: equal up to the rounding of sums`, async () => {
      const undisturbed = await train(before, { epochs });
      const found = await goesOn(counts);
      expect(largestDifference(found, undisturbed)).to.be.below(1e-6);
      // And to the bit as where the cluster changes between two epochs, without a kill.
      const changed = join(directory, 'changed');
      await train(before, { directory: changed, epochs: 2 });
      expect(await train(counts, { directory: changed, epochs })).to.deep.equal(found);
    });
  }
});
