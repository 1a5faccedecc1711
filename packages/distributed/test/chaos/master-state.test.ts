import { setTimeout as wait } from 'node:timers/promises';
import { add, assign, mul, variable, withDevice } from '@tenon/core';
import { createLocalCluster, type ProcessCluster } from '@tenon/distributed';
import { expect } from 'chai';
import { numbers } from '../training/counting-model.js';

// 50 in the long tier.
const kills = 2 * Number(process.env.TENON_RUNS ?? 1);

describe('a master that is killed while it writes its state', function () {
  this.timeout(60_000 + 10_000 * kills);
  let cluster: ProcessCluster;
  before(async () => {
    cluster = await createLocalCluster({
      workers: 1,
      parameterServers: 1,
      tasks: 'processes',
      restartsPerMinute: 1000,
      report: () => {},
    });
  });
  after(() => cluster.close());

  it('has forgotten nothing that it has answered, and does what it was asked once', async () => {
    const session = cluster.session();
    const v = withDevice('/job:ps/task:0', () => variable([0]));
    await session.run(v);
    const next = numbers(1);
    let expected = 0;
    for (let kill = 0; kill < kills; kill++) {
      const moment = next() * 12;
      // Each of these graphs is new, and so are some variables: the state is written for each.
      const running = (async () => {
        for (let i = 1; i <= 4; i++) {
          const w = withDevice('/job:worker/task:0', () => variable([i]));
          expected += 10 * i;
          await session.run(assign(v, add(v, mul(w, 10))));
        }
      })();
      await wait(moment);
      await cluster.kill('master', 0);
      await running;
      expect((await session.read(v)).array(), `kill ${kill} after ${moment} ms`).to.deep.equal([
        expected,
      ]);
      await cluster.listening('master', 0);
    }
    await session.close();
  });
});
