import { MessageChannel, type MessagePort, type Worker as Thread } from 'node:worker_threads';
import { GraphError } from '@tenon/core';
import { startThread } from './start-thread.js';
import type { TaskLife } from './supervised-task.js';
import type { FromTask, LineKind, ToTask } from './thread-messages.js';

export interface TaskThreadOptions {
  /** `worker/0`, for errors. */
  readonly name: string;
  /** In the cluster, which is its address too. */
  readonly address: string;
  /** What the module of the thread is started with. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Hands a port on to another task. */
  readonly handOn: (to: string, line: ToTask) => void;
}

/** A task in a thread of this process, which ends with it. */
export interface TaskThread extends TaskLife {
  /** Whether it has not ended, nor is about to. */
  readonly alive: boolean;
  /** A new line to it; undefined where it has ended. */
  open(kind: LineKind): MessagePort | undefined;
  /** Hands it the end of a line, which is closed where it has ended. */
  accept(line: ToTask): void;
}

/** Starts a task. The thread alone keeps no process alive. */
export function startTaskThread(options: TaskThreadOptions): TaskThread {
  const { name, address, settings, handOn } = options;
  const thread = startThread('./thread-entry', import.meta.url, { settings });
  let alive = true;
  const ended = endOf(thread);
  void ended.then(() => {
    alive = false;
  });
  const listening = new Promise<string>((resolve, reject) => {
    thread.on('message', (message: FromTask) => {
      if (message !== 'ready') return handOn(message.to, message);
      thread.unref();
      resolve(address);
    });
    void ended.then((end) => {
      const what = `the thread has ended (${end}) before it was ready.`;
      reject(new GraphError('RUN_FAILED', name, { what }));
    });
  });
  // Who does not ask whether it is ready does not ask for this error.
  listening.catch(() => {});
  const kill = async () => {
    await thread.terminate();
    await ended;
  };
  const accept = ({ kind, port }: ToTask) => {
    if (alive) thread.postMessage({ kind, port } satisfies ToTask, [port]);
    else port.close();
  };
  return {
    get alive() {
      return alive;
    },
    listening,
    ended,
    accept,
    open(kind) {
      if (!alive) return undefined;
      const { port1, port2 } = new MessageChannel();
      // A thread that answers no calls any more ends a little later.
      if (kind === 'calls')
        port1.once('close', () => {
          alive = false;
        });
      accept({ kind, port: port2 });
      return port1;
    },
    kill,
    // Its worker was told by the master that it has left: nothing is in it any more.
    end: kill,
  };
}

function endOf(thread: Thread): Promise<string> {
  return new Promise((resolve) => {
    thread.once('error', (error) => resolve(error.message));
    thread.once('exit', (code) => resolve(`status ${code}`));
  });
}
