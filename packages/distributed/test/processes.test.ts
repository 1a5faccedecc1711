import { add, assign, placeholder, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { ClusterSession, createLocalCluster } from '../src/index.js';
import { failure } from './failure.js';

describe('a cluster of processes', function () {
  this.timeout(60_000);

  it('runs; a killed worker fails the run, and a restarted one takes new sessions', async () => {
    const cluster = await createLocalCluster({
      workers: 1,
      parameterServers: 1,
      tasks: 'processes',
      restartsPerMinute: 0,
      report: () => {},
    });
    try {
      const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
      const x = placeholder({ shape: [2] });
      const step = assign(
        w,
        add(
          w,
          withDevice('/job:worker/task:0', () => add(x, 1)),
        ),
      );
      const session = cluster.session();
      const call = session.prepare(step, [x]);
      expect((await call([1, 1])).array()).to.deep.equal([3, 4]);
      expect((await call([1, 1])).array()).to.deep.equal([5, 6]);
      await cluster.kill('ps', 0);
      const killed = await failure(call([1, 1]));
      expect(killed).to.include({ code: 'UNAVAILABLE', worker: '/job:ps/replica:0/task:0' });
      await cluster.restart('ps', 0);
      // It listens again, but the master may find that out a little later.
      let lost = await failure(call([1, 1]));
      while (lost.code === 'UNAVAILABLE') lost = await failure(call([1, 1]));
      expect(lost).to.include({ code: 'ABORTED', worker: '/job:ps/replica:0/task:0' });
      const remote = new ClusterSession({ target: cluster.target });
      await remote.write(w, [7, 8]);
      expect((await remote.run(step, { feeds: [[x, [0, 0]]] })).array()).to.deep.equal([8, 9]);
      await remote.close();
    } finally {
      await cluster.close();
    }
  });
});
