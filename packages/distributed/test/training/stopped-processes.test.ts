import { setTimeout as wait } from 'node:timers/promises';
import {
  createLocalCluster,
  type DataParallelOptions,
  dataParallel,
  type ProcessCluster,
} from '@tenon/distributed';
import { batchSize, countingModel, epochs, expectAppliedOnce, x, y } from './counting-model.js';

const leaseMs = 400;
// In the long tier as long as the design says.
const stoppedMs = process.env.TENON_RUNS === undefined ? 3 * leaseMs : 10_000;

const modes = [
  { mode: 'sync', replicas: 3 },
  { mode: 'sync', replicas: 3, backups: 1 },
  { mode: 'async', replicas: 3 },
] as const satisfies readonly DataParallelOptions[];

describe('processes that stand still for longer than a lease', function () {
  this.timeout(90_000);
  let cluster: ProcessCluster;
  before(async () => {
    cluster = await createLocalCluster({ workers: 3, parameterServers: 1, tasks: 'processes' });
  });
  after(() => cluster.close());

  for (const mode of modes) {
    for (const job of ['worker', 'ps']) {
      it(`a ${job} in ${JSON.stringify(mode)}: what it pushes afterwards counts once or not at all`, async () => {
        let steps = 0;
        let resumed: Promise<void> | undefined;
        const standStill = async () => {
          await cluster.kill(job, 0, 'SIGSTOP');
          await wait(stoppedMs);
          await cluster.kill(job, 0, 'SIGCONT');
        };
        const model = await countingModel();
        await model.fit(x, y, {
          epochs,
          batchSize,
          verbose: 0,
          callbacks: {
            onBatchEnd: () => {
              if (steps++ === 7) resumed = standStill();
            },
          },
          strategy: dataParallel({ ...mode, cluster, checkpointEvery: 5, leaseMs }),
        });
        await resumed;
        await expectAppliedOnce(model, job);
      });
    }
  }
});
