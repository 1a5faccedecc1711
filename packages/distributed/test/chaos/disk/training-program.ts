import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HostTensor, loadCheckpoint, sgd } from '@tenon/core';
import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { callbacks, layers, type Model, sequential } from '@tenon/layers';
import { failure } from '../../failure.js';
import { emptyDisk, fillDisk } from './disk.js';

// Synchronous training whose disk fills up in the midst of a backup, and which is called again when there is room.
const [scratch = ''] = process.argv.slice(2);
const directory = join(scratch, 'backup');
const rows = 48;
const wave = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * step));
const x = new HostTensor(wave(rows * 6, 1.7), [rows, 6]);
const y = new HostTensor(wave(rows, 0.3), [rows, 1]);

async function mlp(): Promise<Model> {
  const model = sequential({
    layers: [
      layers.dense({ units: 64, activation: 'tanh', inputShape: [6] }),
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

const cluster = await createLocalCluster({ workers: 2, parameterServers: 2 });
const options = {
  epochs: 5,
  batchSize: 12,
  verbose: 0,
  shuffle: { seed: 3 },
  strategy: dataParallel({ mode: 'sync', cluster }),
} as const;
const alone = await mlp();
await alone.fit(x, y, options);

const model = await mlp();
const backup = callbacks.backupAndRestore({ directory, deleteAtEnd: false });
const epochs: number[] = [];
const fill = {
  onEpochBegin: (epoch: number) => void epochs.push(epoch),
  async onEpochEnd(epoch: number) {
    if (epoch !== 2 || epochs.length !== 3) return;
    while (!(await readdir(directory)).includes('step-8'));
    // The head of the first file still has room.
    fillDisk(1000);
  },
};
const error = await failure(model.fit(x, y, { ...options, callbacks: [fill, backup] }));
const { step } = await loadCheckpoint(directory);
const names = await readdir(directory);
emptyDisk();
await model.fit(x, y, { ...options, callbacks: [fill, backup] });
const bits = async (one: Model) =>
  (await one.getWeights()).map(({ data }) => Array.from(data as Float32Array));
const same = JSON.stringify(await bits(model)) === JSON.stringify(await bits(alone));
process.send?.({ code: error.code, step, names, epochs, same });
await cluster.close();
