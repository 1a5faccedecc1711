import { HostTensor, mean, sgd } from '@tenon/core';
import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';

const rows = 240;
const batchSize = 12;
const length = 3;
const words = 256;
const width = 2;
const ids = Int32Array.from({ length: rows * length }, (_, i) => (i * 7919 + (i >> 3)) % words);
const x = new HostTensor(ids, [rows, length]);
const y = new HostTensor(new Float32Array(rows), [rows, 1]);
const epochs = 2;
const learningRate = 1 / 16;

/** The loss is the output: the gradient of a row is how often it is looked up, so rows tell how often each example was applied. */
async function counter(): Promise<Model> {
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: words, outputDim: width, inputShape: [length] }),
      layers.flatten(),
    ],
  });
  const loss = (_target: unknown, output: Parameters<typeof mean>[0]) => mean(output, { axis: -1 });
  model.compile({ optimizer: sgd({ learningRate }), loss });
  await model.setWeights([new HostTensor(new Float32Array(words * width), [words, width])]);
  return model;
}

/** After each example was applied once in each epoch. */
const expected = Array.from({ length: words }, (_, row) => {
  const count = ids.filter((id) => id === row).length;
  return (-learningRate * epochs * count) / (batchSize * length * width);
});

const modes = [
  { mode: 'sync', replicas: 3 },
  { mode: 'sync', replicas: 3, backups: 1 },
  { mode: 'async', replicas: 3 },
  { mode: 'hybrid', replicas: 2, groups: 2 },
  { mode: 'hybrid', replicas: 3, groups: 1, backups: 1 },
] as const satisfies readonly DataParallelOptions[];

/** Numbers from 0 to 1 that follow from a seed. */
function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const runs = 10 * Number(process.env.TENON_RUNS ?? 1);

describe('tasks that hold or look up tables and are lost at random times', () => {
  for (const [index, mode] of modes.entries()) {
    it(`${JSON.stringify(mode)} applies every example once in each epoch`, async function () {
      this.timeout(60_000 + 2000 * runs);
      const cluster = await createLocalCluster({ workers: 3, parameterServers: 2 });
      for (let run = index; run < runs; run += modes.length) {
        const next = numbers(run);
        const deadlines = Array.from({ length: 3 }, () => Math.floor(next() * 40));
        let steps = 0;
        const lose = () => {
          if (!deadlines.includes(steps++)) return;
          const victim = cluster.workers[Math.floor(next() * cluster.workers.length)];
          victim?.training.close();
        };
        const model = await counter();
        await model.fit(x, y, {
          epochs,
          batchSize,
          verbose: 0,
          callbacks: { onBatchEnd: lose },
          strategy: dataParallel({
            ...{ ...mode, cluster, checkpointEvery: 5, leaseMs: 500 },
            // Every other run with the table on both servers.
            splitBytes: run % 2 === 0 ? 0 : Number.POSITIVE_INFINITY,
          }),
        });
        const [weights] = await model.getWeights();
        expected.forEach((value, row) => {
          expect(Number(weights?.data[row * width]), `run ${run}`).to.be.closeTo(value, 1e-6);
        });
      }
      await cluster.close();
    });
  }
});
