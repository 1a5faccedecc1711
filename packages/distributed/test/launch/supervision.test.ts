import { expect } from 'chai';
import { createLocalCluster, type ProcessCluster } from '../../src/index.js';
import { failure } from '../failure.js';

describe('tasks in processes of their own', function () {
  this.timeout(60_000);
  let cluster: ProcessCluster;
  const reports: string[] = [];

  before(async () => {
    cluster = await createLocalCluster({
      workers: 1,
      tasks: 'processes',
      restartsPerMinute: 1,
      report: (message) => reports.push(message),
    });
  });
  after(() => cluster.close());

  it('are started again where they were when they are killed', async () => {
    const pids = [cluster.pid('worker', 0), cluster.pid('master', 0)];
    await Promise.all([cluster.kill('worker', 0), cluster.kill('master', 0)]);
    await Promise.all([cluster.listening('worker', 0), cluster.listening('master', 0)]);
    const again = [cluster.pid('worker', 0), cluster.pid('master', 0)];
    expect(again.some((pid) => pids.includes(pid))).to.equal(false);
    const session = cluster.session();
    expect((await session.listDevices()).map(({ name }) => name)).to.deep.equal([
      '/job:worker/replica:0/task:0/device:js:0',
    ]);
    expect(reports.sort()).to.deep.equal([
      'master/0 has ended (SIGKILL) and is started again: 1 of at most 1 times within a minute.',
      'worker/0 has ended (SIGKILL) and is started again: 1 of at most 1 times within a minute.',
    ]);
  });

  it('are left when they end too often, until they are started by hand', async () => {
    reports.length = 0;
    await cluster.kill('worker', 0);
    const error = await failure(cluster.listening('worker', 0));
    expect(error).to.include({ code: 'UNAVAILABLE', where: 'worker/0' });
    expect(error.message).to.include('is not started again: that has happened 1 times');
    expect(reports).to.deep.equal([error.message]);
    await cluster.restart('worker', 0);
    await cluster.listening('worker', 0);
    expect(await cluster.session().listDevices()).to.have.length(1);
  });

  it('are named when there are none', () => {
    expect(() => cluster.pid('worker', 1)).to.throw('no task 1 of job worker');
  });
});
