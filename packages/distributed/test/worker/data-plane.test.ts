import { add, assign, cast, js, mul, placeholder, sum, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { createLocalCluster, type DataPlane, serveWorker } from '../../src/index.js';
import { statusOf } from '../cluster-status.js';
import { failure } from '../failure.js';
import { grpcCluster } from '../grpc-cluster.js';
import { WatchedDevice } from './watched-device.js';

/** A server's variable that a worker reads and updates: two tensors cross in each step. */
function crossing() {
  const w = withDevice('/job:ps/task:0', () => variable([1, 2, 3]));
  const x = placeholder({ shape: [3] });
  const gradient = withDevice('/job:worker/task:0', () => mul(w, x));
  return { w, x, step: assign(w, add(w, gradient)) };
}

const sockets = () =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

for (const plane of ['tcp', 'grpc'] as const satisfies DataPlane[])
  describe(`tensors between workers over ${plane}`, () => {
    it('land in the memory that the receiving program planned for them', async () => {
      const device = new WatchedDevice();
      const devices = [device, js()];
      const cluster = await grpcCluster(
        { worker: 1, ps: 1 },
        () => [devices.shift() as WatchedDevice],
        plane,
      );
      try {
        const session = cluster.session();
        const { w, x, step } = crossing();
        const run = session.prepare(step, [x]);
        for (let i = 0; i < 3; i++) await run([1, 1, 1]);
        expect((await session.read(w)).array()).to.deep.equal([8, 16, 24]);
        const { received, landed } = device;
        expect({ received, landed }).to.deep.equal({ received: 3, landed: 3 });
        const worker = cluster.servers.get('ps/0')?.worker;
        expect(worker?.ports.data?.plane).to.equal(plane);
        expect(await statusOf(worker ? [worker] : [])).to.include({ entries: 0 });
      } finally {
        await cluster.close();
      }
    });

    it('need connections only as long as their session lives', async () => {
      const cluster = await grpcCluster({ worker: 1, ps: 1 }, () => [js()], plane);
      try {
        const { x, step } = crossing();
        const lasting = cluster.session();
        await lasting.run(step, { feeds: [[x, [1, 1, 1]]] });
        const before = sockets();
        const session = cluster.session();
        await session.run(step, { feeds: [[x, [1, 1, 1]]] });
        expect(sockets()).to.be.greaterThan(before);
        await session.close();
        // The other end of a socket hears of it a little later.
        while (sockets() > before) await new Promise((resolve) => setImmediate(resolve));
        await lasting.run(step, { feeds: [[x, [1, 1, 1]]] });
      } finally {
        await cluster.close();
      }
    });
  });

describe('tensors between workers', () => {
  it('of half precision are widened on their way and narrowed in place', async () => {
    const device = new WatchedDevice();
    const devices = [device, js()];
    const cluster = await grpcCluster({ worker: 1, ps: 1 }, () => [
      devices.shift() as WatchedDevice,
    ]);
    try {
      const w = withDevice('/job:ps/task:0', () => cast(variable([1.5, 3]), { dtype: 'bfloat16' }));
      const total = withDevice('/job:worker/task:0', () => sum(w));
      expect((await cluster.session().run(total)).item()).to.equal(4.5);
      expect(device.received).to.equal(1);
    } finally {
      await cluster.close();
    }
  });

  it('of one process are handed over without a port', async () => {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: 1 });
    try {
      const { x, step } = crossing();
      const before = sockets();
      const result = await cluster.session().run(step, { feeds: [[x, [1, 1, 1]]] });
      expect(result.array()).to.deep.equal([2, 4, 6]);
      expect(sockets()).to.equal(before);
      expect(cluster.workers.map(({ ports }) => ports)).to.deep.equal([{}, {}]);
    } finally {
      await cluster.close();
    }
  });

  it('tell the peer whose port is taken, and leave nothing open', async () => {
    const options = { job: 'worker', task: 0, devices: [] };
    const first = await serveWorker(options);
    const before = process.getActiveResourcesInfo().length;
    try {
      const heartbeatPort = first.worker.ports.heartbeatPort as number;
      const { code } = await failure(serveWorker({ ...options, heartbeatPort }));
      expect(code).to.equal('RUN_FAILED');
      while (process.getActiveResourcesInfo().length > before)
        await new Promise((resolve) => setImmediate(resolve));
    } finally {
      await first.close();
    }
  });
});
