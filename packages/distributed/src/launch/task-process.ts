import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GraphError } from '@tenon/core';
import type { TaskLife } from './supervised-task.js';

export interface TaskProcessOptions {
  /** `worker/0`, for errors. */
  readonly name: string;
  /** Name of a module in this folder, without its ending, that serves the task and says where. */
  readonly entry: 'worker-entry' | 'master-entry';
  /** What the module is started with, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A task in a process of its own, which ends with this one. Its address is `host:port`. */
export interface TaskProcess extends TaskLife {
  readonly pid: number;
  /** Settles at once, or when it has ended where the signal ends it. */
  signal(signal: NodeJS.Signals): Promise<void>;
}

// From source and from the build the entries lie beside this file.
const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const goesOn: readonly NodeJS.Signals[] = ['SIGSTOP', 'SIGCONT'];

/** Starts a task. */
export function startTaskProcess({ name, entry, settings }: TaskProcessOptions): TaskProcess {
  const file = fileURLToPath(new URL(`./${entry}${ending}`, import.meta.url));
  const child = fork(file, [JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const ended = endOf(child);
  const signal = async (given: NodeJS.Signals) => {
    child.kill(given);
    if (!goesOn.includes(given)) await ended;
  };
  return {
    pid: child.pid as number,
    listening: addressOf(child, name, ended),
    ended,
    signal,
    kill: () => signal('SIGKILL'),
    end: () => signal('SIGTERM'),
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  });
}

function addressOf(child: ChildProcess, name: string, ended: Promise<string>): Promise<string> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => {
    complaint = (complaint + text).slice(-2000);
  });
  const listening = new Promise<string>((resolve, reject) => {
    child.once('message', ({ address }: { address: string }) => resolve(address));
    void ended.then((end) => {
      reject(
        new GraphError('RUN_FAILED', name, {
          what: `the process has ended (${end}) before it listened. ${complaint}`,
        }),
      );
    });
  });
  // Who does not ask where it listens does not ask for this error.
  listening.catch(() => {});
  return listening;
}
