import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, assign, js, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import {
  ClusterSession,
  type JoinedWorker,
  type JoinOptions,
  joinCluster,
  type MasterServer,
  membersOf,
  newToken,
  serveMaster,
  serveWorker,
} from '../../src/index.js';
import { failure } from '../failure.js';

const joinedName = (task: number) => `/job:worker/replica:0/task:${task}`;

/** A master over one worker of its list, and workers that join. */
class Cluster {
  readonly token = newToken();
  private master: MasterServer | undefined;
  private readonly closing: (() => Promise<unknown>)[] = [];
  private listed = '';
  private port = 0;

  async start(state?: string): Promise<void> {
    const security = { token: this.token };
    if (this.listed === '') {
      const server = await serveWorker({ job: 'worker', task: 0, devices: [js()], security });
      this.listed = server.address;
      this.closing.push(() => server.close());
    }
    const members = membersOf({ worker: [this.listed] }, security);
    this.master = await serveMaster({ members, port: this.port, security, state });
    this.port = Number(this.master.address.split(':')[1]);
  }

  get target(): string {
    return `grpc://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    await this.master?.close();
    this.master = undefined;
  }

  async join(options: Partial<JoinOptions> = {}): Promise<JoinedWorker> {
    const security = { token: this.token };
    const given = { master: this.target, devices: [js()], security, renewMs: 20, ...options };
    const joined = await joinCluster(given);
    this.closing.push(() => joined.close());
    return joined;
  }

  session(): ClusterSession {
    const session = new ClusterSession({ target: this.target, security: { token: this.token } });
    this.closing.push(() => session.close());
    return session;
  }

  /** The tasks that a new session has. */
  async tasks(): Promise<string[]> {
    const session = this.session();
    const devices = await session.listDevices();
    await session.close();
    return devices.map(({ name }) => name.slice(0, name.indexOf('/device:')));
  }

  async close(): Promise<void> {
    for (const close of this.closing.reverse()) await close();
    await this.stop();
  }
}

describe('a worker that joins a cluster', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = new Cluster();
    await cluster.start();
  });
  afterEach(() => cluster.close());

  it('is there for new sessions; those before go on as they were, also when it has left', async () => {
    const before = cluster.session();
    const v = withDevice('/job:worker/task:0', () => variable([1]));
    await before.run(assign(v, add(v, 1)));
    const joined = await cluster.join();
    expect(joined.worker?.name).to.equal(joinedName(1));
    expect(await cluster.tasks()).to.deep.equal([joinedName(0), joinedName(1)]);
    const after = cluster.session();
    const w = withDevice('/job:worker/task:1', () => variable([10]));
    expect((await after.run(assign(w, add(w, 1)))).array()).to.deep.equal([11]);
    const [listed] = await before.listDevices();
    expect((await before.listDevices()).length).to.equal(1);
    expect(listed?.name).to.equal('/job:worker/replica:0/task:0/device:js:0');
    await joined.close();
    expect(await cluster.tasks()).to.deep.equal([joinedName(0)]);
    expect((await before.run(assign(v, add(v, 1)))).array()).to.deep.equal([3]);
    const error = await failure(after.run(w));
    expect(error).to.include({ code: 'ABORTED', worker: joinedName(1) });
    expect(error.message).to.include('has left the cluster');
  });

  it('gets the least number that is free', async () => {
    const [one, two] = [await cluster.join(), await cluster.join()];
    expect([one.worker?.name, two.worker?.name]).to.deep.equal([joinedName(1), joinedName(2)]);
    await one.close();
    expect((await cluster.join()).worker?.name).to.equal(joinedName(1));
  });

  it('waits for a master that is not there yet', async () => {
    await cluster.stop();
    const reports: string[] = [];
    const joining = cluster.join({ report: (message) => reports.push(message) });
    while (reports.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reports[0]).to.match(/^waiting to join the cluster: .*can not be reached/);
    await cluster.start();
    expect((await joining).worker?.name).to.equal(joinedName(1));
  });

  it('gives up waiting when it is asked to', async () => {
    await cluster.stop();
    const asked = new AbortController();
    const joining = failure(
      cluster.join({ signal: asked.signal, report: () => asked.abort(new Error('asked')) }),
    );
    expect((await joining).message).to.equal('asked');
  });

  it('is known to a master that was restarted with its state', async () => {
    const state = await mkdtemp(join(tmpdir(), 'tenon-joined-'));
    try {
      await cluster.stop();
      await cluster.start(state);
      const joined = await cluster.join({ renewMs: 60_000 });
      await cluster.stop();
      await cluster.start(state);
      expect(await cluster.tasks()).to.deep.equal([joinedName(0), joinedName(1)]);
      await joined.close();
      await cluster.stop();
      await cluster.start(state);
      expect(await cluster.tasks()).to.deep.equal([joinedName(0)]);
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  });

  it('joins again under its number where the master has forgotten it', async () => {
    const [one, two] = [await cluster.join(), await cluster.join()];
    await one.close();
    await cluster.stop();
    await cluster.start();
    while ((await cluster.tasks()).length < 2);
    expect(await cluster.tasks()).to.deep.equal([joinedName(0), two.worker?.name]);
    expect(two.worker?.name).to.equal(joinedName(2));
  });

  it('is refused without the token, and at the address of a task of the list', async () => {
    for (const security of [{}, { token: newToken() }])
      expect((await failure(cluster.join({ security }))).code).to.equal('UNAUTHENTICATED');
    const [device] = await cluster.session().listDevices();
    const port = Number(device?.address.split(':')[1]);
    const error = await failure(cluster.join({ port }));
    expect(error.code).to.equal('NAME_TAKEN');
    expect(error.message).to.include(`on the list of the cluster, as ${joinedName(0)}`);
  });
});
