import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Nodes by names that are addresses of loopback, so that tasks reach each other by them. */
const nodeNames = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];

/** A cluster of Slurm's own daemons on this machine: three nodes of two processors by name. */
export interface SlurmCluster {
  /** What Slurm's commands need in their environment. */
  readonly environment: { readonly SLURM_CONF: string };
  close(): Promise<void>;
}

/** Starts munge, the controller and three node daemons on loopback, and waits until the nodes are idle. Needs root. */
export async function startSlurm(): Promise<SlurmCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-slurm-'));
  const conf = join(folder, 'slurm.conf');
  const key = join(folder, 'munge.key');
  writeFileSync(key, randomBytes(128), { mode: 0o600 });
  writeFileSync(conf, configuration(folder, await freePorts(4)));
  const daemons: ChildProcess[] = [];
  const start = (program: string, ...args: readonly string[]) =>
    daemons.push(
      spawn(program, args, { stdio: 'ignore', env: { ...process.env, SLURM_CONF: conf } }),
    );
  const path = (name: string) => join(folder, name);
  const files = ['socket', 'pid-file', 'seed-file', 'log-file'].map((f) => `--${f}=${path(f)}`);
  start('/usr/sbin/munged', '--foreground', '--force', `--key-file=${key}`, ...files);
  start('/usr/sbin/slurmctld', '-D', '-f', conf);
  for (const node of nodeNames) {
    start('/usr/sbin/slurmd', '-D', '-f', conf, '-N', node);
  }
  const cluster: SlurmCluster = {
    environment: { SLURM_CONF: conf },
    async close() {
      // Whatever still runs has failed; it must not outlive the daemons.
      const env = { ...process.env, SLURM_CONF: conf };
      await execute('scancel', ['--signal=KILL', '--user=root'], { env, timeout: 5000 }).catch(
        () => {},
      );
      await Promise.all(daemons.map(ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await untilIdle(conf);
    return cluster;
  } catch (error) {
    const log = readFileSync(path('ctld.log'), 'utf8').slice(-2000);
    await cluster.close();
    throw new Error(`Slurm did not start: ${(error as Error).message}\n${log}`);
  }
}

function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => daemon.kill('SIGKILL'), 5000);
    daemon.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    daemon.kill('SIGTERM');
  });
}

async function untilIdle(conf: string): Promise<void> {
  const env = { ...process.env, SLURM_CONF: conf };
  let told = '';
  for (let attempt = 0; attempt < 100; attempt++) {
    told = await execute('sinfo', ['--noheader', '--format=%D %t'], { env, timeout: 5000 }).then(
      ({ stdout }) => stdout.trim(),
      (error: Error) => error.message,
    );
    if (told === '3 idle') return;
    await pause(200);
  }
  throw new Error(told);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function configuration(folder: string, [controller, ...ports]: readonly number[]): string {
  const host = hostname();
  const nodes = nodeNames.map(
    (name, k) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[k]} CPUs=2`,
  );
  return [
    'ClusterName=tenon',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${controller}`,
    'AuthType=auth/munge',
    `AuthInfo=socket=${folder}/socket`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SlurmUser=root',
    'SlurmdUser=root',
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    `SlurmctldPidFile=${folder}/ctld.pid`,
    `SlurmdPidFile=${folder}/slurmd-%n.pid`,
    `SlurmctldLogFile=${folder}/ctld.log`,
    `SlurmdLogFile=${folder}/slurmd-%n.log`,
    'SchedulerType=sched/builtin',
    'SelectType=select/cons_tres',
    'MpiDefault=none',
    ...nodes,
    'PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8',
    '',
  ].join('\n');
}
