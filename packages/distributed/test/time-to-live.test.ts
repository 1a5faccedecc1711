import { add, assign, js, variable } from '@tenon/core';
import { expect } from 'chai';
import {
  ClusterSession,
  localConnection,
  Master,
  MasterService,
  MemoryTransport,
  Worker,
  WorkerService,
} from '../src/index.js';
import { statusOf } from './cluster-status.js';
import { failure } from './failure.js';

function clusterWithClock() {
  const time = { now: 0 };
  const clock = () => time.now;
  const worker = new Worker({
    job: 'worker',
    task: 0,
    devices: [js()],
    transport: () => new MemoryTransport(() => undefined),
    timeToLiveMs: 1000,
    clock,
  });
  const connection = localConnection(WorkerService, worker.handlers);
  const members = [{ name: worker.name, address: '', connection }];
  const master = new Master({ members, timeToLiveMs: 3000, clock });
  const session = new ClusterSession({ target: localConnection(MasterService, master.handlers) });
  return { time, worker, master, session };
}

describe('sessions of which nothing is heard', () => {
  const w = variable([1]);
  const step = assign(w, add(w, 1));

  it('are deleted by a worker whose master has vanished', async () => {
    const { time, worker, session } = clusterWithClock();
    await session.run(step);
    time.now = 1000;
    worker.sweep();
    expect((await statusOf([worker])).variables).to.equal(1);
    time.now = 1001;
    worker.sweep();
    expect(await statusOf([worker])).to.include({ sessions: 0, variables: 0, graphs: 0 });
    const error = await failure(session.run(step));
    expect(error).to.include({ code: 'ABORTED', worker: '/job:worker/replica:0/task:0' });
    await session.close();
  });

  it('live on at a worker while their master keeps them', async () => {
    const { time, worker, master, session } = clusterWithClock();
    await session.run(step);
    for (time.now = 900; time.now <= 2700; time.now += 900) {
      await master.keepAlive();
      worker.sweep();
    }
    expect((await session.run(step)).array()).to.deep.equal([3]);
    await session.close();
  });

  it('are closed by a master whose client has vanished, on its workers too', async () => {
    const { time, worker, master, session } = clusterWithClock();
    await session.run(step);
    time.now = 3001;
    await master.keepAlive();
    expect((await statusOf([worker])).sessions).to.equal(0);
    expect((await failure(session.run(step))).message).to.include('make a new session');
    await session.close();
  });

  it('are all gone after a reset', async () => {
    const { worker, master, session } = clusterWithClock();
    await session.run(step);
    await localConnection(MasterService, master.handlers).calls.reset({});
    expect((await statusOf([worker])).sessions).to.equal(0);
    expect((await failure(session.run(step))).code).to.equal('ABORTED');
    await session.close();
  });
});
