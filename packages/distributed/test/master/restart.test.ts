import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, assign, js, mul, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { ClusterSession, MemoryTransport, Worker } from '../../src/index.js';
import { failure } from '../failure.js';
import { MortalMaster } from './mortal-master.js';

/** Two workers with a variable each, which one step updates together, and a master that can be killed. */
async function cluster(state: string) {
  const workers = new Map<string, Worker>();
  for (const job of ['worker', 'ps']) {
    const transport = () => new MemoryTransport((name) => workers.get(name));
    const worker = new Worker({ job, task: 0, devices: [js()], transport });
    workers.set(worker.name, worker);
  }
  const [first, second] = [...workers.values()] as [Worker, Worker];
  const master = new MortalMaster([first, second], state);
  const session = new ClusterSession({ target: master.target, placement: { soft: true } });
  const v = withDevice('/job:worker/task:0', () => variable([1]));
  const w = withDevice('/job:ps/task:0', () => variable([10]));
  const together = session.prepare([assign(v, add(v, 1)), assign(w, add(w, v))]);
  const alone = session.prepare(assign(w, mul(w, 2)));
  const values = async () => [(await session.read(v)).array(), (await session.read(w)).array()];
  await together();
  await alone();
  return { first, second, master, session, together, alone, values };
}

type Cluster = Awaited<ReturnType<typeof cluster>>;

/** Kills the master once, just before or just after a worker has answered a call; another life begins when the workers rest. */
function killIn(
  { master }: Cluster,
  worker: Worker,
  method: 'runGraph' | 'commitGraph',
  when: 'before' | 'after',
): void {
  const handlers = worker.handlers as unknown as Record<string, (request: never) => unknown>;
  const answer = handlers[method] as (request: never) => unknown;
  let killed = false;
  const kill = () => {
    if (killed) return;
    killed = true;
    master.kill();
    setImmediate(() => master.start());
  };
  handlers[method] = async (request) => {
    if (when === 'before') kill();
    const result = await answer(request);
    if (when === 'after') kill();
    return result;
  };
}

describe('a master that is killed and started again', () => {
  let state: string;

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'tenon-master-'));
  });
  afterEach(() => rm(state, { recursive: true, force: true }));

  it('goes on with its sessions: their variables, their graphs, and new ones', async () => {
    const own = await cluster(state);
    own.master.kill();
    own.master.start();
    await own.together();
    expect(await own.values()).to.deep.equal([[3], [24]]);
    const x = withDevice('/job:ps/task:0', () => variable([5]));
    expect((await own.session.run(mul(x, 2))).array()).to.deep.equal([10]);
    own.master.kill();
    own.master.start();
    await own.alone();
    expect(await own.values()).to.deep.equal([[3], [48]]);
    await own.session.close();
    expect(await readdir(state)).to.deep.equal([]);
  });

  it('places new graphs as before: its options and the bytes of variables are in the record', async () => {
    const own = await cluster(state);
    own.master.kill();
    const [name = ''] = await readdir(state);
    const record = JSON.parse(await readFile(join(state, name, 'session.json'), 'utf8'));
    const ps = '/job:ps/replica:0/task:0/device:js:0';
    expect(record.homes.map(([, ...home]: unknown[]) => home)).to.deep.include([ps, 4]);
    own.master.start();
    const far = withDevice('/job:gone/task:3', () => variable([5]));
    expect((await own.session.run(mul(far, 2))).array()).to.deep.equal([10]);
    await own.session.close();
  });

  const moments = [
    ['first', 'runGraph', 'before'],
    ['first', 'runGraph', 'after'],
    ['second', 'runGraph', 'after'],
    ['first', 'commitGraph', 'before'],
    ['first', 'commitGraph', 'after'],
    ['second', 'commitGraph', 'before'],
    ['second', 'commitGraph', 'after'],
  ] as const;

  for (const [which, method, when] of moments) {
    it(`${when} the ${which} worker answers ${method}: the run is made once`, async () => {
      const own = await cluster(state);
      killIn(own, own[which], method, when);
      const [v, w] = await own.together();
      expect([v.array(), w.array()]).to.deep.equal([[3], [24]]);
      expect(await own.values()).to.deep.equal([[3], [24]]);
      await own.together();
      expect(await own.values()).to.deep.equal([[4], [27]]);
      await own.session.close();
    });
  }

  for (const when of ['before', 'after'] as const) {
    it(`${when} the only worker of a run has committed: the run is made once`, async () => {
      const own = await cluster(state);
      killIn(own, own.second, 'runGraph', when);
      expect((await own.alone()).array()).to.deep.equal([44]);
      expect(await own.values()).to.deep.equal([[2], [44]]);
      await own.session.close();
    });
  }

  it('says which worker has lost a session meanwhile', async () => {
    const own = await cluster(state);
    own.master.kill();
    await own.second.handlers.cleanupAll({} as never);
    own.master.start();
    const error = await failure(own.together());
    expect(error).to.include({ code: 'ABORTED', worker: '/job:ps/replica:0/task:0' });
    await own.session.close();
  });

  it('forgets a session whose record is damaged, and says so', async () => {
    const own = await cluster(state);
    own.master.kill();
    const [name = ''] = await readdir(state);
    await writeFile(join(state, name, 'session.json'), '{}');
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    own.master.start();
    expect((await failure(own.together())).message).to.include('does not know this session');
    expect((await warned).message).to.include(`the master has forgotten session ${name}`);
    await own.session.close();
  });
});
