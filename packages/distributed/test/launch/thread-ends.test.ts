import { add, assign, mul, placeholder, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { createLocalCluster, type ThreadCluster } from '../../src/index.js';
import { failure } from '../failure.js';
import { Gates } from './gated-threads.js';

const crossing = () => {
  const w = variable([1]);
  const x = placeholder({ shape: [1] });
  const y = withDevice('/job:worker/task:1', () => mul(x, 2));
  const z = withDevice('/job:worker/task:0', () => add(w, y));
  return { w, x, step: withDevice('/job:worker/task:0', () => assign(w, z)) };
};

describe('a run in threads', function () {
  // Each thread loads the engine from its sources.
  this.timeout(60_000);
  let cluster: ThreadCluster;
  let gates: Gates;
  const reports: string[] = [];

  before(async () => {
    gates = new Gates();
    cluster = await createLocalCluster({
      tasks: 'threads',
      workers: 2,
      restartsPerMinute: 1,
      devices: new URL('./gated-threads.ts', import.meta.url),
      report: (message) => reports.push(message),
    });
  });
  after(async () => {
    gates.close();
    await cluster.close();
  });
  afterEach(() => gates.open());

  it('ends when it is cancelled, on all threads, and changes nothing', async () => {
    const session = cluster.session();
    const { w, x, step } = crossing();
    const call = session.prepare(step, [x]);
    await call([1]);
    const { arrived } = await gates.shut();
    const run = failure(call([1]));
    await arrived;
    session.cancel();
    expect((await run).code).to.equal('RUN_ABORTED');
    gates.open();
    expect((await session.read(w)).array()).to.deep.equal([3]);
    expect((await call([1])).array()).to.deep.equal([5]);
  });

  it('ends at its deadline, and names who was waited for', async () => {
    const session = cluster.session({ timeoutMs: 800 });
    const { x, step } = crossing();
    const call = session.prepare(step, [x]);
    await call([1]);
    const { arrived } = await gates.shut();
    const run = failure(call([1]));
    await arrived;
    const error = await run;
    expect(error.code).to.equal('DEADLINE_EXCEEDED');
    expect(error.message).to.match(
      /0:0 of worker \/job:worker\/replica:0\/task:1 did not arrive within/,
    );
  });

  it('ends with its thread, whose error is told; the threads are started again, but not too often', async () => {
    const session = cluster.session();
    const { x, step } = crossing();
    const call = session.prepare(step, [x]);
    await call([1]);
    const { arrived } = await gates.shut();
    const run = failure(call([1]));
    await arrived;
    gates.fail();
    // The master asks the next life of the thread how the run has ended.
    const { code, worker } = await run;
    expect(code).to.equal('ABORTED');
    expect(worker).to.match(/^\/job:worker\/replica:0\/task:[01]$/);
    const all = [0, 1];
    const why = 'has ended (the thread has lost its way)';
    while (reports.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(reports.sort()).to.deep.equal(
      all.map(
        (task) =>
          `worker/${task} ${why} and is started again: 1 of at most 1 times within a minute.`,
      ),
    );
    await Promise.all(all.map((task) => cluster.listening('worker', task)));
    const again = cluster.session();
    const next = again.prepare(step, [x]);
    await next([1]);
    await cluster.kill('worker', 1);
    expect(await failure(cluster.listening('worker', 1))).to.include({
      code: 'UNAVAILABLE',
      where: 'worker/1',
    });
    for (const lost of [() => next([1]), () => cluster.session().listDevices()])
      expect(await failure(lost())).to.include({
        code: 'UNAVAILABLE',
        worker: '/job:worker/replica:0/task:1',
      });
    await cluster.restart('worker', 1);
    expect(await cluster.session().listDevices()).to.have.length(2);
  });
});

describe('threads that can not start', () => {
  it('are an error that names the task and says why', async function () {
    this.timeout(20_000);
    const devices = new URL('./no-such-module.ts', import.meta.url);
    const { code, message } = await failure(createLocalCluster({ tasks: 'threads', devices }));
    expect(code).to.equal('RUN_FAILED');
    expect(message).to.match(/^worker\/0: the thread has ended \(Cannot find module/);
  });

  it('nor do those with options of other kinds of tasks', async () => {
    const options = { tasks: 'threads', dataPlane: 'tcp' } as never;
    expect((await failure(createLocalCluster(options))).code).to.equal('ATTRIBUTE_INVALID');
  });
});
