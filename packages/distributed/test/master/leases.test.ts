import { add, assign, type Device, js, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import {
  ClusterError,
  ClusterSession,
  localConnection,
  Master,
  MasterService,
  type Member,
  MemoryTransport,
  UnreachableError,
  Worker,
  WorkerService,
} from '../../src/index.js';
import { failure } from '../failure.js';
import { GatedDevice } from '../gated-device.js';

type Trouble = 'silent' | 'unreachable';

/** Two workers behind wires that can fail, a master that asks them when it is told to, and a clock. */
function cluster(secondDevice: () => Device = js) {
  const time = { now: 0 };
  const workers = new Map<string, Worker>();
  const trouble = new Map<string, Trouble>();
  const begin = (job: string, device: Device) => {
    const transport = () => new MemoryTransport((name) => workers.get(name));
    const worker = new Worker({ job, task: 0, devices: [device], transport });
    workers.set(worker.name, worker);
    return worker.name;
  };
  const names = [begin('worker', js()), begin('ps', secondDevice())];
  const members = names.map((name): Member => {
    const call =
      (method: string) => async (request: never, options: { timeoutMs?: number } | undefined) => {
        if (trouble.get(name) === 'unreachable') throw unreachable(name);
        if (trouble.get(name) === 'silent' && method === 'getStatus') throw late(name);
        const { calls } = localConnection(WorkerService, (workers.get(name) as Worker).handlers);
        return (calls as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(
          request,
          options,
        );
      };
    const calls = Object.keys(WorkerService.method).map((method) => [method, call(method)]);
    return { name, address: 'there', connection: { calls: Object.fromEntries(calls), close() {} } };
  });
  const master = new Master({ members, leaseMs: 1000, clock: () => time.now });
  const target = localConnection(MasterService, master.handlers);
  const v = withDevice('/job:worker/task:0', () => variable([1]));
  const w = withDevice('/job:ps/task:0', () => variable([10]));
  return {
    master,
    trouble,
    session: () => new ClusterSession({ target }),
    stepOn: { worker: assign(v, add(v, 1)), ps: assign(w, add(w, 1)) },
    /** Lets time pass and the master ask. */
    async after(ms: number) {
      time.now += ms;
      await master.keepAlive();
    },
    /** Another life of the second worker. */
    restart: () => void begin('ps', js()),
  };
}

const ps = '/job:ps/replica:0/task:0';

const unreachable = (worker: string): UnreachableError =>
  new UnreachableError('UNAVAILABLE', 'call', { what: 'connection refused.', worker });

const late = (worker: string): ClusterError =>
  new ClusterError('DEADLINE_EXCEEDED', 'call', { what: 'it was late.', worker });

describe('the leases of workers', () => {
  for (const kind of ['silent', 'unreachable'] as const) {
    it(`end when a worker is ${kind} for too long: only what needs it fails, until it is back`, async () => {
      const { session, stepOn, after, trouble } = cluster();
      const own = session();
      await own.run([stepOn.worker, stepOn.ps]);
      await after(0);
      trouble.set(ps, kind);
      await after(999);
      await after(1);
      const error = await failure(own.run(stepOn.ps));
      expect(error).to.include({ code: 'UNAVAILABLE', worker: ps });
      expect(error.message).to.include('nothing was heard of it at there for 1000 ms');
      expect((await own.run(stepOn.worker)).array()).to.deep.equal([3]);
      trouble.clear();
      await after(0);
      expect((await own.run(stepOn.ps)).array()).to.deep.equal([12]);
      await own.close();
    });
  }

  it('tell of a restart while nothing runs; a new session has the worker again', async () => {
    const { session, stepOn, after, restart } = cluster();
    const own = session();
    await own.run([stepOn.worker, stepOn.ps]);
    await after(0);
    restart();
    await after(1);
    const error = await failure(own.run(stepOn.ps));
    expect(error).to.include({ code: 'ABORTED', worker: ps });
    expect(error.message).to.include('the worker was restarted');
    const next = session();
    expect((await next.run(stepOn.ps)).array()).to.deep.equal([11]);
    await Promise.all([own.close(), next.close()]);
  });

  it('last while a worker computes, however silent it is, unless it can not be reached', async () => {
    const gated = new GatedDevice();
    const { session, stepOn, after, trouble } = cluster(() => gated);
    const own = session();
    await own.run(stepOn.ps);
    await after(0);
    gated.shut();
    const long = own.run(stepOn.ps);
    await gated.arrived;
    trouble.set(ps, 'silent');
    await after(5000);
    await after(5000);
    gated.open();
    expect((await long).array()).to.deep.equal([12]);
    trouble.clear();
    await after(0);
    gated.shut();
    const cut = failure(own.run(stepOn.ps));
    await gated.arrived;
    trouble.set(ps, 'unreachable');
    await after(5000);
    gated.open();
    // It may have committed: nobody knows.
    expect(await cut).to.include({ code: 'ABORTED' });
    await own.close();
  });
});
