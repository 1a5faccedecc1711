import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { add, assign, variable, withDevice } from '@tenon/core';
import { ClusterSession } from '@tenon/distributed';
import { expect } from 'chai';
import { inProcess, root } from './command.js';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A port that nobody listens on. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Starts a command that goes on, and waits for its first line. */
async function started(args: readonly string[]) {
  const node = ['--conditions=@tenon/source', '--import', 'tsx', main, ...args];
  const child = spawn(process.execPath, node, { cwd: root });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.stderr.once('data', (text) => reject(new Error(String(text))));
  });
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { line, end };
}

describe('the commands of clusters', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenon-cluster-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('cluster runs a script beside its processes, and ends as the script does', async () => {
    const [script, result] = [join(folder, 'script.mjs'), join(folder, 'result.json')];
    await writeFile(
      script,
      `import { writeFileSync } from 'node:fs';
       import { add, assign, variable, withDevice } from '@tenon/core';
       import { ClusterSession } from '@tenon/distributed';
       const session = new ClusterSession();
       const w = withDevice('/job:worker/task:0', () => variable([1, 2]));
       const value = (await session.run(assign(w, add(w, 1)))).array();
       const devices = (await session.listDevices()).map(({ name }) => name);
       await session.close();
       const [result, end, option] = process.argv.slice(2);
       writeFileSync(result, JSON.stringify({ value, devices, option }));
       process.exitCode = Number(end);`,
    );
    const args = ['cluster', '--workers', '1', '--', script, result, '3', '--x'];
    const { code, stderr } = await inProcess(args);
    expect([code, stderr]).to.deep.equal([
      1,
      `${script}: the script has ended with 3.\n(RUN_FAILED)\n`,
    ]);
    expect(JSON.parse(await readFile(result, 'utf8'))).to.deep.equal({
      value: [2, 3],
      devices: ['/job:worker/replica:0/task:0/device:wasm:0'],
      option: '--x',
    });
  });

  it('master and worker serve what a file says, until they are asked to end', async () => {
    const [worker, master] = [await freePort(), await freePort()];
    const file = join(folder, 'cluster.json');
    const spec = { worker: [`127.0.0.1:${worker}`], master: [`127.0.0.1:${master}`] };
    await writeFile(file, JSON.stringify(spec));
    const tasks = await Promise.all([
      started(['worker', '--job', 'worker', '--task', '0', '--cluster', file]),
      started(['master', '--cluster', file]),
    ]);
    expect(tasks.map(({ line }) => line)).to.deep.equal([
      `/job:worker/replica:0/task:0 listens on 127.0.0.1:${worker}`,
      `the master listens on grpc://127.0.0.1:${master}`,
    ]);
    const session = new ClusterSession({ target: `grpc://127.0.0.1:${master}` });
    const w = withDevice('/job:worker/task:0', () => variable([1]));
    expect((await session.run(assign(w, add(w, 1)))).array()).to.deep.equal([2]);
    await session.close();
    expect(await Promise.all(tasks.map(({ end }) => end()))).to.deep.equal([0, 0]);
  });

  it('say what is wrong with the file of a cluster', async () => {
    const file = join(folder, 'wrong.json');
    const worker = (task: string) =>
      inProcess(['worker', '--job', 'worker', '--task', task, '--cluster', file]);
    expect((await worker('0')).stderr).to.include('FILE_NOT_FOUND');
    await writeFile(file, '{');
    expect((await worker('0')).stderr).to.include('FORMAT_INVALID');
    await writeFile(file, '{ "worker": ["nowhere"] }');
    expect((await worker('0')).stderr).to.include('write host:port');
    await writeFile(file, '{ "worker": ["127.0.0.1:1"] }');
    expect((await worker('1')).stderr).to.include('there is no task 1 of job worker');
  });
});
