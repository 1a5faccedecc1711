import type { Device, OpInfo } from '@tenon/core';
import { z } from 'zod';

const count = z.int().min(0);
const isFunction = (given: unknown): boolean => typeof given === 'function';
const warn = (message: string): void => process.emitWarning(message, { code: 'TASK_RESTARTED' });

const counts = {
  /** Tasks of job `worker`. */
  workers: count.default(1),
  /** Tasks of job `ps`. */
  parameterServers: count.default(0),
};

const supervised = {
  ...counts,
  /** URL of a module that exports `devices`, a function that makes those of a task; one js device when left out. */
  devices: z.instanceof(URL).optional(),
  /** How often each task is started again within a minute when it has ended; 0 leaves it ended. */
  restartsPerMinute: count.default(10),
  /** Hears of tasks that have ended; a warning of this process when left out. */
  report: z.custom<(message: string) => void>(isFunction).default(() => warn),
};

const hereConfig = z.strictObject({
  /** All tasks are in this thread. */
  tasks: z.literal('here'),
  ...counts,
  /** Makes the devices of a task; one js device when left out. */
  devices: z.custom<() => readonly Device[]>(isFunction).optional(),
  /** The ops that graphs may use; all of the library when left out. */
  ops: z.custom<Iterable<OpInfo>>((given) => Symbol.iterator in Object(given)).optional(),
});

const threadsConfig = z.strictObject({
  /** Each task is a thread of this process; tensors move through the memory that threads share. */
  tasks: z.literal('threads'),
  ...supervised,
});

const processesConfig = z.strictObject({
  /** Each task, and the master, is a process. */
  tasks: z.literal('processes'),
  ...supervised,
  /** How tasks pull tensors from each other. */
  dataPlane: z.enum(['tcp', 'grpc']).default('tcp'),
});

/** Options of `createLocalCluster`. */
export const localClusterConfig = z.discriminatedUnion('tasks', [
  hereConfig,
  threadsConfig,
  processesConfig,
]);

/** With all tasks in this thread. */
export type HereOptions = Omit<z.input<typeof hereConfig>, 'tasks'> & { readonly tasks?: 'here' };
export type ThreadOptions = z.input<typeof threadsConfig>;
export type ProcessOptions = z.input<typeof processesConfig>;
export type LocalClusterOptions = HereOptions | ThreadOptions | ProcessOptions;

/** The same, checked. */
export type CheckedHere = z.output<typeof hereConfig>;
export type CheckedThreads = z.output<typeof threadsConfig>;
export type CheckedProcesses = z.output<typeof processesConfig>;
