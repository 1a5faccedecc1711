import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, assign, variable, withDevice } from '@tenon/core';
import { ClusterSession, grpcConnection, newToken, WorkerService } from '@tenon/distributed';
import { expect } from 'chai';
import { inProcess, serving, started } from './command.js';

/** A port that nobody listens on. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Listens for the first that a script says. */
async function listener() {
  let hear = (_text: string) => {};
  const told = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const server = createServer((socket) => socket.once('data', (text) => hear(String(text))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { port, told, close: () => server.close() };
}

describe('the commands of clusters', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenon-cluster-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('cluster runs a script beside its processes, passes on that it is to end, and ends as the script does', async () => {
    const script = join(folder, 'script.mjs');
    await writeFile(
      script,
      `import { connect } from 'node:net';
       const [port, option] = process.argv.slice(2);
       const socket = connect(Number(port), '127.0.0.1');
       socket.write(JSON.stringify({ master: process.env.TENON_MASTER, option }));
       process.once('SIGTERM', () => {
         socket.end();
         process.exitCode = 3;
       });`,
    );
    const { port, told, close } = await listener();
    const ended = inProcess(['cluster', '--', script, `${port}`, '--x']);
    const { master, option } = JSON.parse(await told) as Record<'master' | 'option', string>;
    expect(option).to.equal('--x');
    const session = new ClusterSession({ target: master });
    const w = withDevice('/job:worker/task:0', () => variable([1, 2]));
    expect((await session.run(assign(w, add(w, 1)))).array()).to.deep.equal([2, 3]);
    const devices = (await session.listDevices()).map(({ name }) => name);
    expect(devices).to.deep.equal(['/job:worker/replica:0/task:0/device:wasm:0']);
    await session.close();
    process.emit('SIGTERM');
    const { code, stderr } = await ended;
    expect([code, stderr]).to.deep.equal([
      1,
      `${script}: the script has ended with 3.\n(RUN_FAILED)\n`,
    ]);
    close();
  });

  it('master and worker serve what the options or the environment say, until they are asked to end', async () => {
    const [workerPort, masterPort, token] = [await freePort(), await freePort(), newToken()];
    const [dataPort, heartbeatPort] = [await freePort(), await freePort()];
    const cluster = {
      chief: [`127.0.0.1:${masterPort}`],
      worker: [`127.0.0.1:${workerPort}`],
    };
    const file = join(folder, 'cluster.json');
    await writeFile(file, JSON.stringify(cluster));
    const task = { type: 'worker', index: 0 };
    const variables = { TF_CONFIG: JSON.stringify({ cluster, task }), TENON_THREADS: '1' };
    const ports = ['--data-port', `${dataPort}`, '--heartbeat-port', `${heartbeatPort}`];
    const worker = started(['worker', ...ports], { ...variables, TENON_TOKEN: token });
    process.env.TENON_TOKEN = token;
    try {
      const master = await serving(['master', '--cluster', file]);
      const lines = [(await worker).line, master.line];
      expect(lines).to.deep.equal([
        `/job:worker/replica:0/task:0 listens on 127.0.0.1:${workerPort}`,
        `the master listens on grpc://127.0.0.1:${masterPort}`,
      ]);
      const asked = { address: `127.0.0.1:${workerPort}`, name: 'worker' };
      const { calls, close } = grpcConnection(WorkerService, asked);
      const status = await calls.getStatus({});
      close();
      expect([status.data?.port, status.heartbeatPort]).to.deep.equal([dataPort, heartbeatPort]);
      process.env.TENON_CLUSTER = file;
      const session = new ClusterSession();
      const w = withDevice('/job:worker/task:0', () => variable([1]));
      expect((await session.run(assign(w, add(w, 1)))).array()).to.deep.equal([2]);
      await session.close();
      expect([await master.end(), await (await worker).end()]).to.deep.equal([0, 0]);
    } finally {
      delete process.env.TENON_TOKEN;
      delete process.env.TENON_CLUSTER;
    }
  });

  it('worker --join takes part in a cluster that does not list it, and leaves it when it is asked to end', async () => {
    const token = newToken();
    process.env.TENON_TOKEN = token;
    try {
      const masterPort = await freePort();
      const target = `127.0.0.1:${masterPort}`;
      const master = await serving(['master', '--cluster', JSON.stringify({ chief: [target] })]);
      const variables = { TENON_JOIN: target, TENON_THREADS: '1', TENON_TOKEN: token };
      const first = await started(['worker'], variables);
      expect(first.line).to.match(/^\/job:worker\/replica:0\/task:0 listens on 127\.0\.0\.1:\d+$/);
      const tasks = async () => {
        const session = new ClusterSession({ target: `grpc://${target}` });
        const devices = await session.listDevices();
        await session.close();
        return devices.map(({ name }) => name);
      };
      expect(await tasks()).to.deep.equal(['/job:worker/replica:0/task:0/device:wasm:0']);
      const { code, stderr } = await inProcess(['worker', '--join', target, '--listen', target]);
      expect(code).to.equal(1);
      expect(stderr).to.match(/task:1: it can not listen on 127.*EADDRINUSE.*\n.RUN_FAILED/);
      expect(await first.end()).to.equal(0);
      expect(await tasks()).to.deep.equal([]);
      expect(await master.end()).to.equal(0);
    } finally {
      delete process.env.TENON_TOKEN;
    }
  });

  const wrong: readonly [what: string, args: readonly string[], says: RegExp][] = [
    ['no cluster', ['worker'], /nothing describes the cluster.*\nFix: give --cluster/],
    ['no file', ['worker', '--cluster', '/nowhere.json'], /FILE_NOT_FOUND/],
    ['no JSON', ['worker', '--cluster', '{'], /CLUSTER_INVALID/],
    ['no address', ['master', '--cluster', '{"worker":["nowhere"]}'], /"nowhere" is not host:port/],
    ['no task', ['worker', '--cluster', '{"worker":["a:1"]}'], /which task.*\nFix: give --job/],
    [
      'a task that is not there',
      ['worker', '--job', 'worker', '--task', '1', '--cluster', '{"worker":["127.0.0.1:1"]}'],
      /job worker has no task 1/,
    ],
    [
      'a worker at the chief',
      ['worker', '--job', 'chief', '--task', '0', '--cluster', '{"chief":["127.0.0.1:1"]}'],
      /chief 0, which runs no parts.*\nFix: run tenon master/,
    ],
    ['no chief', ['master', '--cluster', '{"worker":["a:1"]}'], /no task for the master/],
    [
      'nowhere to listen',
      ['master', '--listen', 'here', '--cluster', '{"chief":["a:1"]}'],
      /--listen: "here" is not host:port/,
    ],
    ['no master to join', ['worker', '--join', 'there'], /target is "grpc:\/\/there"/],
    [
      'an address that others reach without credentials',
      ['master', '--cluster', '{"chief":["10.1.2.3:1"]}'],
      /refuses to listen on .*\nFix: .*TLS.*token.*\n.UNAUTHENTICATED/,
    ],
  ];
  for (const [what, args, says] of wrong) {
    it(`say what is wrong: ${what}`, async () => {
      const { code, stderr } = await inProcess(args);
      expect(code).to.equal(1);
      expect(stderr).to.match(says);
    });
  }
});
