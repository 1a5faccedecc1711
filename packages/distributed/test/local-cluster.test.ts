import {
  add,
  assign,
  gather,
  js,
  mul,
  placeholder,
  randomNormal,
  Session,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { createLocalCluster, type InProcessCluster, type Worker } from '../src/index.js';
import { statusOf } from './cluster-status.js';
import { failure } from './failure.js';
import { GatedDevice } from './gated-device.js';

describe('a cluster in one process', () => {
  let cluster: InProcessCluster;

  beforeEach(async () => {
    cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
  });

  afterEach(() => cluster.close());

  it('keeps variables where hints put them, and gives what one process gives', async () => {
    const run = async (session: Session, at: (device: string) => string) => {
      const w = withDevice(at('/job:ps/task:0'), () =>
        variable(randomNormal({ shape: [3], seed: 7 })),
      );
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
    const server = await statusOf(cluster.workers.filter(({ name }) => name.includes('ps')));
    expect(server.variables).to.equal(1);
  });

  it('lists its devices, the workers before the servers', async () => {
    expect((await cluster.session().listDevices()).map(({ name }) => name)).to.deep.equal([
      '/job:worker/replica:0/task:0/device:js:0',
      '/job:worker/replica:0/task:1/device:js:0',
      '/job:ps/replica:0/task:0/device:js:0',
    ]);
  });

  it('names the node and the worker of what fails, changes nothing, and goes on', async () => {
    const session = cluster.session();
    const i = placeholder({ shape: [], dtype: 'int32' });
    const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
    const picked = withDevice('/job:worker/task:1', () => gather(w, i));
    const runs = withDevice('/job:worker/task:0', () => variable(0));
    const step = session.prepare(
      [picked, assign(w, add(w, picked)), assign(runs, add(runs, 1))],
      [i],
    );
    const error = await failure(step(7));
    expect(error).to.include({
      code: 'INDEX_OUT_OF_RANGE',
      worker: '/job:worker/replica:0/task:1',
    });
    expect(error.where).to.equal('gather');
    expect(error.message).to.include('On /job:worker/replica:0/task:1.');
    expect((await session.read(w)).array()).to.deep.equal([1, 2]);
    expect((await session.read(runs)).item()).to.equal(0);
    expect((await step(1))[1].array()).to.deep.equal([3, 4]);
    expect((await session.read(runs)).item()).to.equal(1);
  });

  it('says which device of the cluster a hint does not find', async () => {
    const far = withDevice('/job:ps/task:9', () => add(1, 2));
    const error = await failure(cluster.session().run(far));
    expect(error).to.include({ code: 'PLACEMENT_CONFLICT', where: 'constant' });
    expect(error.message).to.include('/job:ps/replica:0/task:0/device:js:0');
  });

  it('gives everything back when a session is closed', async () => {
    const session = cluster.session();
    const w = variable([1, 2]);
    await session.run(assign(w, add(w, 1)));
    await session.close();
    expect(await statusOf(cluster.workers)).to.deep.equal({
      sessions: 0,
      graphs: 0,
      variables: 0,
      steps: 0,
      entries: 0,
    });
    expect((await failure(session.run(w))).code).to.equal('SESSION_CLOSED');
  });

  it('ends a session when a worker does not confirm updates that others have made', async () => {
    const session = cluster.session();
    const cells = ['worker', 'ps'].map((job) =>
      withDevice(`/job:${job}/task:0`, () => variable([0])),
    );
    const step = session.prepare(cells.map((cell) => assign(cell, add(cell, 1))));
    await step();
    const server = cluster.workers.find(({ name }) => name.startsWith('/job:ps')) as Worker;
    const { commitGraph } = server.handlers;
    server.handlers.commitGraph = () => Promise.reject(new Error('gone'));
    const error = await failure(step());
    expect(error.code).to.equal('ABORTED');
    expect(error.message).to.include('step 3: it did not confirm the updates of the step');
    server.handlers.commitGraph = commitGraph;
    expect((await failure(step())).message).to.equal(error.message);
  });

  it('explains a run without running it', () => {
    const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
    const { devices } = cluster.session().explain(assign(w, add(w, 1)));
    expect(devices).to.deep.equal(['cluster:0']);
  });

  it('keeps sessions apart', async () => {
    const [one, other] = [cluster.session(), cluster.session()];
    const w = variable([0]);
    const step = assign(w, add(w, 1));
    await Promise.all([one.run(step), other.run(step), one.run(step)]);
    expect([(await one.read(w)).array(), (await other.read(w)).array()]).to.deep.equal([[2], [1]]);
  });
});

describe('a run in a cluster', () => {
  const gated = new GatedDevice();
  let cluster: InProcessCluster;

  beforeEach(async () => {
    const devices = [js(), gated];
    cluster = await createLocalCluster({
      workers: 2,
      devices: () => [devices.shift() as (typeof devices)[number]],
    });
  });

  afterEach(async () => {
    gated.open();
    await cluster.close();
  });

  const crossing = () => {
    const w = variable([1]);
    const x = placeholder({ shape: [1] });
    const y = withDevice('/job:worker/task:1', () => mul(x, 2));
    const z = withDevice('/job:worker/task:0', () => add(w, y));
    return { w, x, z, step: withDevice('/job:worker/task:0', () => assign(w, z)) };
  };

  it('ends when it is cancelled, on all workers, and changes nothing', async () => {
    const session = cluster.session();
    const { w, x, step } = crossing();
    const call = session.prepare(step, [x]);
    await call([1]);
    gated.shut();
    const run = failure(call([1]));
    await gated.arrived;
    session.cancel();
    expect((await run).code).to.equal('RUN_ABORTED');
    gated.open();
    expect((await session.read(w)).array()).to.deep.equal([3]);
    expect((await call([1])).array()).to.deep.equal([5]);
  });

  it('ends at its deadline, and says what was waited for and from whom', async () => {
    const session = cluster.session({ timeoutMs: 800 });
    const { x, step } = crossing();
    const call = session.prepare(step, [x]);
    await call([1]);
    gated.shut();
    const run = failure(call([1]));
    await gated.arrived;
    const error = await run;
    expect(error.code).to.equal('DEADLINE_EXCEEDED');
    expect(error.message).to.match(
      /task:1\/device:js:0;[-\w]+;\/job:worker\/replica:0\/task:0\/device:js:0;\d+;0:0 of worker \/job:worker\/replica:0\/task:1 did not arrive within \d+ ms/,
    );
  });
});
