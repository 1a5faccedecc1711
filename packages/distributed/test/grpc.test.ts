import {
  add,
  assign,
  defineOp,
  gather,
  hostTensor,
  js,
  mul,
  placeholder,
  Session,
  sum,
  variable,
  withDevice,
} from '@tenon/core';
import { expect } from 'chai';
import { ClusterSession, serveWorker, type WorkerServer } from '../src/index.js';
import { statusOf } from './cluster-status.js';
import { failure } from './failure.js';
import { GatedDevice } from './gated-device.js';
import { grpcCluster } from './grpc-cluster.js';

const training = (at: <T>(device: string, build: () => T) => T) => {
  const w = at('/job:ps/task:0', () => variable([1, 2], { name: 'w' }));
  const b = at('/job:ps/task:0', () => variable(0.5, { name: 'b' }));
  const x = placeholder({ shape: [null, 2] });
  const y = at('/job:worker/task:0', () => add(mul(x, w), b));
  const fetches = [sum(y), assign(w, add(w, sum(y, { axis: 0 }))), assign(b, mul(b, 2))] as const;
  return { w, b, x, fetches };
};

describe('a cluster over gRPC', () => {
  let cluster: Awaited<ReturnType<typeof grpcCluster>>;

  beforeEach(async () => {
    cluster = await grpcCluster({ worker: 1, ps: 1 });
  });

  afterEach(() => cluster.close());

  const workers = () => [...cluster.servers.values()].map(({ worker }) => worker);

  it('gives what one process gives, bit for bit', async () => {
    const run = async (session: Session, graph: ReturnType<typeof training>) => {
      const step = session.prepare(graph.fetches, [graph.x]);
      const feeds = [
        hostTensor([[1, 2]]),
        hostTensor([
          [3, 4],
          [5, 6],
        ]),
        hostTensor([[7, 8]]),
      ];
      const results = [];
      for (const feed of feeds) results.push(await step(feed));
      return [results, await session.run([graph.w, graph.b])];
    };
    const spread = training(withDevice);
    const single = training((_device, build) => build());
    expect(await run(cluster.session(), spread)).to.deep.equal(await run(new Session(), single));
  });

  it('sends one RunGraph to each worker for each step', async () => {
    const counts = new Map<string, number>();
    for (const { worker } of cluster.servers.values()) {
      const { runGraph } = worker.handlers;
      worker.handlers.runGraph = (request, signal) => {
        counts.set(worker.name, (counts.get(worker.name) ?? 0) + 1);
        return runGraph(request, signal);
      };
    }
    const session = cluster.session();
    const { x, fetches } = training(withDevice);
    const step = session.prepare(fetches, [x]);
    await step([[1, 2]]);
    const before = [...counts.values()];
    for (let i = 0; i < 5; i++) await step([[1, 2]]);
    expect([...counts.values()].map((count, i) => count - (before[i] ?? 0))).to.deep.equal([5, 5]);
  });

  it('tells errors as the worker has them', async () => {
    const session = cluster.session();
    const i = placeholder({ shape: [], dtype: 'int32' });
    const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
    const picked = withDevice('/job:worker/task:0', () => gather(w, i));
    const error = await failure(session.run(picked, { feeds: [[i, 7]] }));
    expect(error).to.include({
      code: 'INDEX_OUT_OF_RANGE',
      where: 'gather',
      worker: '/job:worker/replica:0/task:0',
    });
    expect((await session.run(picked, { feeds: [[i, 1]] })).item()).to.equal(2);
  });

  it('refuses a step number that was seen', async () => {
    const { worker } = cluster.servers.get('worker/0') as WorkerServer;
    const { runGraph } = worker.handlers;
    const seen: Parameters<typeof runGraph>[0][] = [];
    worker.handlers.runGraph = (request, signal) => {
      seen.push(request);
      return runGraph(request, signal);
    };
    const session = cluster.session();
    const w = variable([1]);
    await session.run(assign(w, add(w, 1)));
    for (const request of seen)
      expect((await failure(runGraph(request))).code).to.equal('RUN_ABORTED');
    expect((await session.read(w)).array()).to.deep.equal([2]);
  });

  it('refuses ops with effects on the host', async () => {
    const note = defineOp({
      name: 'note',
      inputs: ['x'],
      role: 'host',
      infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
      grad: null,
      run: ({ x }) => x,
    });
    expect((await failure(cluster.session().run(note(1)))).code).to.equal('NAME_UNKNOWN');
  });

  it('says of a restarted worker what to do; a new session works', async () => {
    const session = cluster.session();
    const { x, w, fetches } = training(withDevice);
    await session.run(fetches, { feeds: [[x, [[1, 2]]]] });
    await cluster.restart('ps', 0);
    const error = await failure(session.run(fetches, { feeds: [[x, [[1, 2]]]] }));
    expect(error).to.include({ code: 'ABORTED', worker: '/job:ps/replica:0/task:0' });
    expect(error.message).to.include('make a new session and restore the last checkpoint');
    const next = cluster.session();
    await next.write(w, [5, 6]);
    await next.run(fetches, { feeds: [[x, [[1, 2]]]] });
    expect((await next.read(w)).array()).to.deep.equal([10.5, 18.5]);
  });

  it('traces a step over all processes, with a lane for each device', async () => {
    const session = cluster.session();
    const { x, fetches } = training(withDevice);
    const feeds = [[x, [[1, 2]]]] as const;
    await session.run(fetches, { feeds });
    const since = performance.timeOrigin + performance.now();
    await session.run(fetches, { feeds });
    const { traceEvents } = await session.trace(since);
    const lanes = traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args);
    expect(lanes).to.deep.include.members([
      { name: '/job:ps/replica:0/task:0' },
      { name: '/job:worker/replica:0/task:0' },
      { name: 'device:js:0' },
      { name: 'device:js:0 waits' },
    ]);
    const spans = traceEvents.filter(({ ph }) => ph === 'X');
    expect(spans.filter(({ name }) => String(name).startsWith('graph '))).to.have.length(2);
    expect(new Set(spans.map(({ args }) => (args as { step: number }).step)).size).to.equal(1);
    expect(spans.every(({ dur }) => Number(dur) >= 0)).to.equal(true);
  });

  it('gives everything back when a session is closed', async () => {
    const session = cluster.session();
    const { x, fetches } = training(withDevice);
    await session.run(fetches, { feeds: [[x, [[1, 2]]]] });
    expect((await statusOf(workers())).variables).to.equal(2);
    await session.close();
    expect(await statusOf(workers())).to.deep.equal({
      sessions: 0,
      graphs: 0,
      variables: 0,
      steps: 0,
      entries: 0,
    });
  });

  it('fails a run at once when a worker that others wait for is lost in it', async () => {
    const gated = new GatedDevice();
    const devices = [js(), gated];
    const own = await grpcCluster({ worker: 1, ps: 1 }, () => [devices.shift() ?? js()]);
    try {
      const session = own.session();
      const x = placeholder({ shape: [1] });
      const sent = withDevice('/job:ps/task:0', () => mul(x, 2));
      const step = session.prepare(
        withDevice('/job:worker/task:0', () => add(sent, 1)),
        [x],
      );
      await step([1]);
      gated.shut();
      const run = failure(step([1]));
      await gated.arrived;
      await own.servers.get('ps/0')?.close();
      const error = await run;
      expect(error.code).to.be.oneOf(['UNAVAILABLE', 'ABORTED', 'RUN_ABORTED']);
      expect(error.worker).to.equal('/job:ps/replica:0/task:0');
      const { worker } = own.servers.get('worker/0') as WorkerServer;
      expect(await statusOf([worker])).to.include({ steps: 0, entries: 0 });
    } finally {
      gated.open();
      await own.close();
    }
  });

  it('says that there is no master, or that its address is none', async () => {
    await cluster.close();
    const session = new ClusterSession({ target: cluster.target });
    expect((await failure(session.run(add(1, 2)))).code).to.equal('UNAVAILABLE');
    await session.close();
    expect(() => new ClusterSession({ target: 'localhost' })).to.throw('grpc://host:port');
    expect(() => new ClusterSession({ target: cluster.target, timeoutMs: Infinity })).to.throw(
      'timeoutMs is Infinity',
    );
  });

  it('does not listen off loopback without credentials', async () => {
    const started = serveWorker({ job: 'worker', task: 0, devices: [], host: '0.0.0.0' });
    expect((await failure(started)).code).to.equal('UNAUTHENTICATED');
  });
});
