import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import {
  batchSize,
  countingModel,
  epochs,
  expectAppliedOnce,
  numbers,
  x,
  y,
} from './counting-model.js';

const modes = [
  { mode: 'sync', replicas: 3 },
  { mode: 'sync', replicas: 3, backups: 1 },
  { mode: 'async', replicas: 3 },
  { mode: 'hybrid', replicas: 2, groups: 2 },
  { mode: 'hybrid', replicas: 3, groups: 1, backups: 1 },
] as const satisfies readonly DataParallelOptions[];

const runs = 20 * Number(process.env.TENON_RUNS ?? 1);

describe('tasks that are lost at random times', () => {
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
        const model = await countingModel();
        await model.fit(x, y, {
          epochs,
          batchSize,
          verbose: 0,
          callbacks: { onBatchEnd: lose },
          strategy: dataParallel({ ...mode, cluster, checkpointEvery: 5, leaseMs: 500 }),
        });
        await expectAppliedOnce(model, `run ${run}`);
      }
      await cluster.close();
    });
  }
});
