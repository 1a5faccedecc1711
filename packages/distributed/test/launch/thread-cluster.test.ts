import { add, assign, gather, mul, placeholder, Session, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { createLocalCluster, type ThreadCluster } from '../../src/index.js';
import { failure } from '../failure.js';

const server = '/job:ps/replica:0/task:0';

describe('a cluster of threads', function () {
  // Each thread loads the engine from its sources.
  this.timeout(60_000);
  let cluster: ThreadCluster;
  const reports: string[] = [];

  before(async () => {
    cluster = await createLocalCluster({
      tasks: 'threads',
      workers: 2,
      parameterServers: 1,
      report: (message) => reports.push(message),
    });
  });
  after(() => cluster.close());

  it('keeps variables where hints put them, and gives what one thread gives', async () => {
    const run = async (session: Session, at: (device: string) => string) => {
      const w = withDevice(at('/job:ps/task:0'), () => variable([1, 2, 3]));
      const x = placeholder({ shape: [null] });
      const y = withDevice(at('/job:worker/task:1'), () => mul(w, x));
      const step = session.prepare([y, assign(w, add(w, y))], [x]);
      const results = [await step([1, 2, 3]), await step([2])];
      await session.write(w, [1, 1, 1]);
      return [...results, await step([5, 6, 7]), await session.read(w), session.runs];
    };
    const session = cluster.session({ seed: 3 });
    const found = await run(session, (device) => device);
    expect(found).to.deep.equal(await run(new Session({ seed: 3 }), () => 'js:0'));
    await session.close();
  });

  it('names the node and the worker of what fails, changes nothing, and goes on', async () => {
    const session = cluster.session();
    const i = placeholder({ shape: [], dtype: 'int32' });
    const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
    const picked = withDevice('/job:worker/task:1', () => gather(w, i));
    const step = session.prepare([picked, assign(w, add(w, picked))], [i]);
    const error = await failure(step(7));
    expect(error).to.include({
      code: 'INDEX_OUT_OF_RANGE',
      where: 'gather',
      worker: '/job:worker/replica:0/task:1',
    });
    expect((await session.read(w)).array()).to.deep.equal([1, 2]);
    expect((await step(1))[1].array()).to.deep.equal([3, 4]);
    await session.close();
  });

  it('fails the runs of a thread that was killed, which takes new sessions when it was started again', async () => {
    const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
    const session = cluster.session();
    const step = session.prepare(
      assign(
        w,
        add(
          w,
          withDevice('/job:worker/task:0', () => add(w, 1)),
        ),
      ),
    );
    await step();
    await cluster.kill('ps', 0);
    // A call to a thread that starts waits for it.
    expect(await failure(step())).to.include({ code: 'ABORTED', worker: server });
    const again = cluster.session();
    await again.write(w, [5, 6]);
    await again.run(assign(w, add(w, 1)));
    expect((await again.read(w)).array()).to.deep.equal([6, 7]);
    expect(reports).to.deep.equal([
      'ps/0 has ended (status 1) and is started again: 1 of at most 10 times within a minute.',
    ]);
  });
});
