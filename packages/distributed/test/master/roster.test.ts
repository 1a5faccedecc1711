import { expect } from 'chai';
import {
  type Connection,
  localConnection,
  Master,
  MasterService,
  type Member,
  MemoryTransport,
  Worker,
  WorkerService,
} from '../../src/index.js';
import { failure } from '../failure.js';

const name = (task: number) => `/job:worker/replica:0/task:${task}`;
const leaseMs = 1000;
const absenceMs = 10_000;

/** A master over one worker of its list, workers at addresses that can be unplugged, and a clock. */
function cluster() {
  const time = { now: 0 };
  const workers = new Map<string, Worker>();
  const closed: string[] = [];
  const serve = (task: number, address: string) => {
    const transport = () => new MemoryTransport(() => undefined);
    workers.set(address, new Worker({ job: 'worker', task, devices: [], transport }));
  };
  const connect = ({ address }: Pick<Member, 'name' | 'address'>) => {
    const getStatus = async (request: object) => {
      const worker = workers.get(address);
      if (!worker) throw new Error(`nobody is at ${address}`);
      return localConnection(WorkerService, worker.handlers).calls.getStatus(request);
    };
    const close = () => closed.push(address);
    return { calls: { getStatus }, close } as unknown as Connection<typeof WorkerService>;
  };
  serve(0, 'listed:1');
  const listed = { name: name(0), address: 'listed:1' };
  const master = new Master({
    members: [{ ...listed, connection: connect(listed) }],
    connect,
    leaseMs,
    absenceMs,
    clock: () => time.now,
  });
  const { calls } = localConnection(MasterService, master.handlers);
  return {
    calls,
    workers,
    closed,
    serve,
    /** A worker joins as its process does it. */
    async joins(address: string): Promise<number> {
      const { task } = await calls.joinCluster({ job: 'worker', address });
      serve(task, address);
      await calls.joinCluster({ job: 'worker', address, task });
      return task;
    },
    async tasks(): Promise<string[]> {
      return (await calls.watchTasks({})).tasks.map((task) => `${task.name} ${task.address}`);
    },
    async after(ms: number) {
      time.now += ms;
      await master.keepAlive();
    },
  };
}

describe('the workers of a cluster', () => {
  it('are those of the list, and those that have joined, by number', async () => {
    const { joins, tasks, calls } = cluster();
    expect(await joins('b:2')).to.equal(1);
    expect(await joins('a:2')).to.equal(2);
    const all = [`${name(0)} listed:1`, `${name(1)} b:2`, `${name(2)} a:2`];
    expect(await tasks()).to.deep.equal(all);
    const gone = { job: 'worker', task: 1 };
    await calls.leaveCluster({ ...gone, address: 'somebody:2' });
    expect(await tasks()).to.deep.equal(all);
    await calls.leaveCluster({ ...gone, address: 'b:2' });
    expect(await tasks()).to.deep.equal([all[0], all[2]]);
  });

  it('are known again at their addresses; one that joins under another number has replaced its former life', async () => {
    const { joins, tasks, calls, serve } = cluster();
    await joins('a:2');
    await joins('b:2');
    expect(await joins('b:2')).to.equal(2);
    serve(5, 'b:2');
    await calls.joinCluster({ job: 'worker', address: 'b:2', task: 5 });
    expect((await tasks()).slice(1)).to.deep.equal([`${name(1)} a:2`, `${name(5)} b:2`]);
  });

  it('are not taken in where nobody, or somebody else, answers, or under the number of another', async () => {
    const { joins, tasks, calls, serve, closed } = cluster();
    await joins('a:2');
    const before = await tasks();
    const attempt = (address: string, task: number) =>
      failure(calls.joinCluster({ job: 'worker', address, task }));
    expect((await attempt('nobody:2', 3)).message).to.include('nobody is at nobody:2');
    serve(7, 'b:2');
    expect((await attempt('b:2', 3)).code).to.equal('NAME_TAKEN');
    expect((await attempt('b:2', 0)).code).to.equal('NAME_TAKEN');
    expect((await attempt('b:2', 1)).code).to.equal('NAME_TAKEN');
    expect((await attempt('listed:1', 3)).code).to.equal('NAME_TAKEN');
    expect(await tasks()).to.deep.equal(before);
    expect(closed).to.deep.equal(['nobody:2', 'b:2']);
  });

  it('stay while they are silent for a while; the joined are taken off after it, those of the list never', async () => {
    const { joins, tasks, after, workers, calls, closed } = cluster();
    await joins('a:2');
    await after(leaseMs / 2);
    workers.clear();
    await after(leaseMs);
    await after(absenceMs / 2);
    expect((await tasks()).length).to.equal(2);
    const { version } = await calls.watchTasks({});
    const told = calls.watchTasks({ version, waitMs: 60_000 });
    await after(absenceMs / 2);
    expect((await told).tasks.map(({ address }) => address)).to.deep.equal(['listed:1']);
    expect(closed).to.deep.equal(['a:2']);
  });

  it('that come back in time stay', async () => {
    const { joins, tasks, after, workers } = cluster();
    await joins('a:2');
    const worker = workers.get('a:2') as Worker;
    workers.delete('a:2');
    for (let round = 0; round < 3; round++) {
      await after(absenceMs - leaseMs);
      workers.set('a:2', worker);
      await after(leaseMs);
      workers.delete('a:2');
    }
    expect((await tasks()).length).to.equal(2);
  });

  it('are told at once to who knows others, and else when the wait is over or the call is cancelled', async () => {
    const { joins, calls } = cluster();
    const { version } = await calls.watchTasks({});
    await joins('a:2');
    const { version: next, tasks } = await calls.watchTasks({ version, waitMs: 60_000 });
    expect(tasks.length).to.equal(2);
    expect((await calls.watchTasks({ version: next, waitMs: 1 })).version).to.equal(next);
    const cancelling = new AbortController();
    const waiting = failure(
      calls.watchTasks({ version: next, waitMs: 60_000 }, { signal: cancelling.signal }),
    );
    cancelling.abort(new Error('cancelled'));
    expect((await waiting).message).to.equal('cancelled');
  });

  const hostile: readonly [why: string, request: object][] = [
    ['no job', { address: 'a:2' }],
    ['a job that runs no graphs', { job: 'chief', address: 'a:2' }],
    ['a job that is no name', { job: '__proto__', address: 'a:2' }],
    ['a long name', { job: 'w'.repeat(201), address: 'a:2' }],
    ['no port', { job: 'worker', address: 'a' }],
    ['a long address', { job: 'worker', address: `${'a'.repeat(300)}:2` }],
    ['a number beyond all', { job: 'worker', address: 'a:2', task: 100_000 }],
    ['a number without an address', { job: 'worker', task: 3 }],
  ];
  for (const [why, request] of hostile) {
    it(`are not joined by ${why}`, async () => {
      const { calls, tasks } = cluster();
      const error = await failure(calls.joinCluster(request));
      expect(error.code).to.equal('CLUSTER_INVALID');
      expect((await tasks()).length).to.equal(1);
    });
  }

  it('are bounded in number; numbers that nobody uses are free again after a while', async () => {
    const { calls, after } = cluster();
    const ask = () => calls.joinCluster({ job: 'worker' });
    for (let i = 0; i < 4096; i++) await ask();
    const error = await failure(ask());
    expect(error.code).to.equal('STATE_INVALID');
    expect(error.message).to.include('4096 workers have joined');
    await after(absenceMs);
    expect((await ask()).task).to.equal(1);
  });
});
