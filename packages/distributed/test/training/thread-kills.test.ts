import {
  createLocalCluster,
  type DataParallelOptions,
  dataParallel,
  type ThreadCluster,
} from '@tenon/distributed';
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
  { mode: 'sync', replicas: 2 },
  { mode: 'async', replicas: 2 },
  { mode: 'hybrid', replicas: 2, groups: 2 },
] as const satisfies readonly DataParallelOptions[];

const tasks = [
  ['worker', 0],
  ['worker', 1],
  ['ps', 0],
] as const;

// 60 in the long tier.
const kills = 3 * Number(process.env.TENON_RUNS ?? 1);

describe('threads that are ended at random times', () => {
  let cluster: ThreadCluster;
  before(async function () {
    this.timeout(60_000);
    cluster = await createLocalCluster({
      tasks: 'threads',
      workers: 2,
      parameterServers: 1,
      restartsPerMinute: 1000,
      report: () => {},
    });
  });
  after(() => cluster.close());

  for (const [index, mode] of modes.entries()) {
    it(`${JSON.stringify(mode)} resumes by itself and applies every example once in each epoch`, async function () {
      this.timeout(60_000 + 10_000 * kills);
      for (let kill = index; kill < kills; kill += modes.length) {
        const next = numbers(kill);
        const moment = Math.floor(next() * 40);
        const [job, task] = tasks[(kill + Math.floor(kill / 3)) % 3] as (typeof tasks)[number];
        let steps = 0;
        const model = await countingModel();
        await model.fit(x, y, {
          epochs,
          batchSize,
          verbose: 0,
          callbacks: {
            onBatchEnd: () => {
              if (steps++ === moment) void cluster.kill(job, task);
            },
          },
          strategy: dataParallel({ ...mode, cluster, checkpointEvery: 5, timeoutMs: 30_000 }),
        });
        await expectAppliedOnce(model, `kill ${kill}: ${job} ${task} at step ${moment}`);
        await cluster.listening(job, task);
      }
    });
  }
});
