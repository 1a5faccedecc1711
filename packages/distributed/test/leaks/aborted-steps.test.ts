import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, assign, gather, hostTensor, placeholder, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { type ClusterSession, createLocalCluster } from '../../src/index.js';
import { statusOf } from '../cluster-status.js';
import { failure } from '../failure.js';
import { grpcCluster } from '../grpc-cluster.js';
import { ask } from '../launch/telling-threads.js';
import { type Holdings, holdings } from './holdings.js';

const runs = Number(process.env.TENON_RUNS ?? 1);
const warmUp = 100;
// What V8 compiles and caches meanwhile; a table or an error that stays would be more for each step.
const spareBytes = 3e6;

/** A step over a worker and a server; fed with 9 it fails on the worker, after tensors have crossed. */
function failing(session: ClusterSession) {
  const i = placeholder({ shape: [], dtype: 'int32' });
  const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
  const y = withDevice('/job:worker/task:0', () => gather(w, i));
  const update = withDevice('/job:ps/task:0', () => assign(w, add(w, y)));
  const call = session.prepare(update, [i]);
  return (value: number) => call(hostTensor(value, { dtype: 'int32' }));
}

/** Half of them fail in a kernel, half are cancelled wherever they are. */
async function abort(session: ClusterSession, steps: number) {
  const step = failing(session);
  await step(0);
  return async (count = steps) => {
    for (let n = 0; n < count; n++) {
      const run = failure(step(9));
      if (n % 2 === 1) session.cancel();
      expect((await run).code).to.be.oneOf(['INDEX_OUT_OF_RANGE', 'RUN_ABORTED']);
    }
    await step(0);
  };
}

/** What is held that was not before; what other tests have left may go meanwhile. */
function more(before: Holdings, after: Holdings): string[] {
  const left = [...before.resources];
  return after.resources.filter((kind) => {
    const place = left.indexOf(kind);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

const compare = (before: Holdings, after: Holdings) => {
  expect(more(before, after)).to.deep.equal([]);
  expect(after.bytes - before.bytes).to.be.below(spareBytes);
};

/** A connection that is made anew once is no leak: what is, is left each time. */
async function expectNoGrowth(repeat: () => Promise<unknown>): Promise<void> {
  const before = await holdings();
  await repeat();
  const after = await holdings();
  if (more(before, after).length === 0) return compare(before, after);
  await repeat();
  compare(after, await holdings());
}

describe('aborted steps leave nothing behind', function () {
  this.timeout(60_000 + 20_000 * runs);

  it('of a cluster in one process', async () => {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: 1 });
    try {
      const aborted = await abort(cluster.session(), 1000);
      await aborted(warmUp);
      const before = await holdings();
      const held = await statusOf(cluster.workers);
      await aborted();
      compare(before, await holdings());
      expect(await statusOf(cluster.workers)).to.deep.equal({ ...held, entries: 0 });
    } finally {
      await cluster.close();
    }
  });

  it('of tasks that answer over gRPC and TCP', async () => {
    const cluster = await grpcCluster({ worker: 1, ps: 1 });
    const workers = [...cluster.servers.values()].map(({ worker }) => worker);
    try {
      const aborted = await abort(cluster.session(), 50 * runs);
      await aborted(warmUp);
      const held = await statusOf(workers);
      await expectNoGrowth(() => aborted());
      expect(await statusOf(workers)).to.deep.equal({ ...held, entries: 0 });
    } finally {
      await cluster.close();
    }
  });

  it('of threads, which leave nothing behind when the cluster is closed', async () => {
    const started = await holdings();
    const devices = new URL('../launch/telling-threads.ts', import.meta.url);
    const jobs = { workers: 1, parameterServers: 1 };
    const cluster = await createLocalCluster({ tasks: 'threads', ...jobs, devices });
    const held = () =>
      Promise.all(
        cluster.members.map(async ({ connection }) => {
          const { sessions, graphs, variables, steps, entries } = await connection.calls.getStatus({
            sessions: [],
          });
          return { sessions, graphs, variables, steps, entries };
        }),
      );
    try {
      const aborted = await abort(cluster.session(), 200 * runs);
      await aborted(warmUp);
      const before = [await holdings(), ...(await ask(2))];
      const status = await held();
      await aborted();
      const after = [await holdings(), ...(await ask(2))];
      after.forEach((own, i) => {
        compare(before[i] as Holdings, own);
      });
      expect(await held()).to.deep.equal(status.map((own) => ({ ...own, entries: 0 })));
    } finally {
      await cluster.close();
    }
    expect(more(started, await holdings())).to.deep.equal([]);
  });

  it('of processes', async function () {
    if (process.platform !== 'linux') this.skip(); // The processes are found through /proc.
    const folder = await mkdtemp(join(tmpdir(), 'tenon-leaks-'));
    process.env.TENON_TEST_FOLDER = folder;
    const devices = new URL('./telling-devices.ts', import.meta.url);
    const jobs = { workers: 1, parameterServers: 1 };
    const cluster = await createLocalCluster({ ...jobs, tasks: 'processes', devices });
    try {
      const tasks = [cluster.pid('worker', 0), cluster.pid('ps', 0)];
      const aborted = await abort(cluster.session(), 50 * runs);
      await aborted(warmUp);
      const before = await Promise.all(tasks.map((pid) => holdingsOf(pid, folder)));
      await aborted();
      const after = await Promise.all(tasks.map((pid) => holdingsOf(pid, folder)));
      tasks.forEach((_, i) => {
        compare(before[i] as Told, after[i] as Told);
        expect(after[i]?.threads).to.equal(before[i]?.threads);
      });
    } finally {
      delete process.env.TENON_TEST_FOLDER;
      await cluster.close();
      await rm(folder, { recursive: true });
    }
  });
});

type Told = Holdings & { readonly threads: string };

/** What another process of this machine says that it holds. */
async function holdingsOf(pid: number, folder: string): Promise<Told> {
  const file = join(folder, `${pid}.json`);
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    await rm(file);
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const [, threads = ''] = /^Threads:\s*(\d+)$/m.exec(status) ?? [];
    return { ...(JSON.parse(text) as Holdings), threads };
  }
}
