import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GraphError } from '@tenon/core';
import type { DataPlane } from '../worker/server.js';

export interface WorkerProcessOptions {
  readonly job: string;
  readonly task: number;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly devices?: URL;
  readonly dataPlane?: DataPlane;
}

/** A worker in a process of its own, which ends with this one. */
export interface WorkerProcess {
  readonly job: string;
  readonly task: number;
  /** `host:port` */
  readonly address: string;
  /** Ends it at once; settles when it has ended. */
  kill(): Promise<void>;
}

// From source and from the build the entry lies beside this file.
const entry = new URL(
  `./worker-entry${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** Starts a worker process. Errors: RUN_FAILED where it ends before it listens. */
export function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const { job, task, devices, ...rest } = options;
  const argument = { job, task, devices: devices?.href, ...rest };
  const child = fork(fileURLToPath(entry), [JSON.stringify(argument)], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => {
    complaint = (complaint + text).slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.once('message', ({ address }: { address: string }) => {
      resolve({ job, task, address, kill: () => end(child) });
    });
    child.once('exit', (code, signal) => {
      reject(
        new GraphError('RUN_FAILED', `${job}/${task}`, {
          what: `the worker process ended (${signal ?? code}) before it listened. ${complaint}`,
        }),
      );
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
