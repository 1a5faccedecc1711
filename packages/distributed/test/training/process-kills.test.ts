import {
  createLocalCluster,
  type DataParallelOptions,
  type ProcessCluster,
} from '@tenon/distributed';
import { resumesAfterKills } from './random-kills.js';

const modes = [
  { mode: 'sync', replicas: 3 },
  { mode: 'sync', replicas: 3, backups: 1 },
  { mode: 'async', replicas: 3 },
  { mode: 'hybrid', replicas: 2, groups: 2 },
] as const satisfies readonly DataParallelOptions[];

const tasks = [
  ['worker', 0],
  ['worker', 1],
  ['worker', 2],
  ['ps', 0],
  ['ps', 1],
  ['master', 0],
] as const;

// 500 in the long tier.
const kills = 20 * Number(process.env.TENON_RUNS ?? 1);

describe('processes that are killed at random times', () => {
  let cluster: ProcessCluster;
  before(async function () {
    this.timeout(60_000);
    cluster = await createLocalCluster({
      workers: 3,
      parameterServers: 2,
      tasks: 'processes',
      restartsPerMinute: 1000,
      report: () => {},
    });
  });
  after(() => cluster.close());

  resumesAfterKills({
    modes,
    kills,
    leaseMs: 2000,
    victim: (_, next) => tasks[Math.floor(next() * tasks.length)] as (typeof tasks)[number],
    cluster: () => cluster,
  });
});
