import { spawn } from 'node:child_process';
import { GraphError } from '@tenon/core';
import { createLocalCluster } from '@tenon/distributed';

export interface ClusterCommandOptions {
  readonly workers: number;
  readonly ps: number;
}

const devices = new URL(
  `./task-devices${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** Runs a script while a cluster of processes is there; TENON_MASTER tells it the target of its sessions. Errors: RUN_FAILED. */
export async function cluster(script: readonly string[], { workers, ps }: ClusterCommandOptions) {
  const local = await createLocalCluster({
    workers,
    parameterServers: ps,
    processes: true,
    devices,
  });
  try {
    const end = await ended(script, local.target);
    if (end === 0) return;
    throw new GraphError('RUN_FAILED', script[0] as string, {
      what: `the script has ended with ${end}.`,
    });
  } finally {
    await local.close();
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const;

/** How a script ends: its status, or the signal that ended it. */
function ended(script: readonly string[], target: string): Promise<number | string> {
  const child = spawn(process.execPath, [...process.execArgv, ...script], {
    stdio: 'inherit',
    env: { ...process.env, TENON_MASTER: target },
  });
  // Who is asked to end asks the script, and ends after it. A terminal asks all of its processes by itself.
  const passOn = (signal: NodeJS.Signals) => {
    if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  return new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  }).finally(() => {
    for (const signal of signals) process.off(signal, passOn);
  });
}
