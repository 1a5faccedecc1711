import { spawn } from 'node:child_process';
import { GraphError } from '@tenon/core';
import { createLocalCluster } from '@tenon/distributed';

export interface ClusterCommandOptions {
  readonly workers: number;
  readonly ps: number;
  /** How often the script is run again when a signal has ended it. */
  readonly restarts: number;
}

const devices = new URL(
  `./task-devices${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * Runs a script while a cluster of processes is there; TENON_MASTER tells it the target of its sessions. Tasks that end are started
 * again, and so is a script that was killed: it goes on from its own checkpoint. Errors: RUN_FAILED.
 */
export async function cluster(
  script: readonly string[],
  { workers, ps, restarts }: ClusterCommandOptions,
) {
  const local = await createLocalCluster({
    workers,
    parameterServers: ps,
    tasks: 'processes',
    devices,
    report: complain,
  });
  try {
    let { end, asked } = await ended(script, local.target);
    for (let restart = 1; restart <= restarts && typeof end === 'string' && !asked; restart++) {
      complain(
        `${script[0]} has ended (${end}) and is run again: ${restart} of at most ${restarts} times.`,
      );
      ({ end, asked } = await ended(script, local.target));
    }
    if (end === 0) return;
    throw new GraphError('RUN_FAILED', script[0] as string, {
      what: `the script has ended with ${end}.`,
    });
  } finally {
    await local.close();
  }
}

const complain = (message: string): void => console.error(message);

const signals = ['SIGINT', 'SIGTERM'] as const;

interface End {
  /** The status, or the signal. */
  readonly end: number | string;
  /** Whether it was asked to end. */
  readonly asked: boolean;
}

/** How a script ends. */
function ended(script: readonly string[], target: string): Promise<End> {
  let asked = false;
  const child = spawn(process.execPath, [...process.execArgv, ...script], {
    stdio: 'inherit',
    env: { ...process.env, TENON_MASTER: target },
  });
  // Who is asked to end asks the script, and ends after it. A terminal asks all of its processes by itself.
  const passOn = (signal: NodeJS.Signals) => {
    asked = true;
    if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  return new Promise<End>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ end: code ?? signal ?? 'nothing', asked }));
  }).finally(() => {
    for (const signal of signals) process.off(signal, passOn);
  });
}
