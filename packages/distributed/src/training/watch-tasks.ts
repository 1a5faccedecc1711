import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../protocol/call.js';
import type { MasterService } from '../protocol/gen/distributed_pb.js';
import type { TrainingTask } from './chief/task-link.js';

/** Hears which workers a cluster has whenever one has come or gone; gives what ends that. */
export type WatchWorkers = (listener: (workers: readonly TrainingTask[]) => void) => () => void;

const waitMs = 25_000;
const answerMs = 10_000;
const againMs = 500;

const isServer = ({ name }: TrainingTask): boolean => name.startsWith('/job:ps/');

/** Those that compute, and those that hold parameters. */
export const splitTasks = (tasks: readonly TrainingTask[]) => ({
  workers: tasks.filter((task) => !isServer(task)),
  servers: tasks.filter(isServer),
});

/** Asks a master again and again for its tasks; it answers when they are others. A master that is away is waited for. */
export const watchMaster =
  (connect: () => Connection<typeof MasterService>): WatchWorkers =>
  (listener) => {
    const { calls, close } = connect();
    const ending = new AbortController();
    const { signal } = ending;
    const follow = async (known: string): Promise<string> => {
      const limits = { signal, timeoutMs: waitMs + answerMs };
      const { version, tasks } = await calls.watchTasks({ version: known, waitMs }, limits);
      // In one process tasks are reached by their names.
      const named = tasks.map(({ name, address }) => ({ name, address: address || name }));
      if (version !== known && !signal.aborted) listener(splitTasks(named).workers);
      return version;
    };
    const watching = async () => {
      for (let version = ''; !signal.aborted; ) {
        try {
          version = await follow(version);
        } catch {
          await pause(againMs, undefined, { signal }).catch(() => {});
        }
      }
    };
    void watching().finally(close);
    return () => ending.abort();
  };
