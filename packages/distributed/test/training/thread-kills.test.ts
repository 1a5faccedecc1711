import {
  createLocalCluster,
  type DataParallelOptions,
  type ThreadCluster,
} from '@tenon/distributed';
import { resumesAfterKills } from './random-kills.js';

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

  resumesAfterKills({
    modes,
    kills,
    victim: (kill) => tasks[(kill + Math.floor(kill / 3)) % 3] as (typeof tasks)[number],
    cluster: () => cluster,
  });
});
