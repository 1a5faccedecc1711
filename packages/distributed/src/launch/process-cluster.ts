import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphError, parseOptions } from '@tenon/core';
import { z } from 'zod';
import { ClusterSession, type ClusterSessionOptions } from '../client/cluster-session.js';
import { addressOf } from '../client/master-address.js';
import type { ClusterSpec } from '../cluster/cluster-spec.js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import { dialGrpc } from '../training/channel/grpc-channel.js';
import { watchMaster } from '../training/watch-tasks.js';
import type { DataPlane } from '../worker/server.js';
import { taskName } from '../worker/worker.js';
import type { LocalCluster } from './local-cluster.js';
import { notAdded } from './not-added.js';
import { SupervisedTask } from './supervised-task.js';

const supervision = z.strictObject({
  restartsPerMinute: z.int().min(0).default(10),
});

export interface ProcessClusterOptions {
  /** How many tasks each job has. */
  readonly jobs: Readonly<Record<string, number>>;
  /** Module that exports `devices`, a function that makes those of a task. */
  readonly devices?: URL | undefined;
  /** How often each task is started again within a minute; 0 leaves it ended. Default 10. */
  readonly restartsPerMinute?: number | undefined;
  /** Hears of tasks that have ended; a warning of the process when left out. */
  readonly report?: ((message: string) => void) | undefined;
  /** How tasks pull tensors from each other. */
  readonly dataPlane?: DataPlane | undefined;
}

/**
 * A cluster whose tasks, and whose master, are processes of this machine. One that ends is started again at the same address. The
 * tasks are those of the jobs, and task 0 of job `master`.
 */
export interface ProcessCluster extends LocalCluster {
  /** Of the master: `grpc://127.0.0.1:1234`. */
  readonly target: string;
  /** Where each task listens. */
  readonly addresses: ClusterSpec;
  /** The process of a task now. */
  pid(job: string, task: number): number;
  /** Ends a task at once, as a crash would, or sends its process another signal. */
  kill(job: string, task: number, signal?: NodeJS.Signals): Promise<void>;
  /** Settles when a task listens (again). Errors: UNAVAILABLE where it is not started again. */
  listening(job: string, task: number): Promise<void>;
  /** Ends a task and starts it again where it was. */
  restart(job: string, task: number): Promise<void>;
}

const warn = (message: string): void => process.emitWarning(message, { code: 'TASK_RESTARTED' });

/** Starts the processes, which end with this one. Errors: RUN_FAILED where one does not start, ATTRIBUTE_INVALID. */
export async function createProcessCluster(
  options: ProcessClusterOptions,
): Promise<ProcessCluster> {
  const { jobs, devices, dataPlane, report = warn, restartsPerMinute: given } = options;
  const { restartsPerMinute } = parseOptions('createLocalCluster', supervision, {
    restartsPerMinute: given,
  });
  const tasks = new Map<string, SupervisedTask>();
  const state = await mkdtemp(join(tmpdir(), 'tenon-master-'));
  const start = (name: string, entry: 'worker-entry' | 'master-entry', settings: object) => {
    const task = new SupervisedTask({
      name,
      entry,
      settings: { ...settings },
      restartsPerMinute,
      report,
    });
    tasks.set(name, task);
    return task.listening();
  };
  const closeTasks = async () => {
    await Promise.all([...tasks.values()].map((task) => task.close()));
    await rm(state, { recursive: true, force: true });
  };
  const sessions = new Set<ClusterSession>();
  const added = new Map<string, SupervisedTask>();
  let additions = 0;
  const find = (job: string, task: number) =>
    tasks.get(`${job}/${task}`) ?? added.get(taskName(job, task)) ?? noTask(job, task);
  try {
    const addresses = await startWorkers(jobs, (job, task) =>
      start(`${job}/${task}`, 'worker-entry', { job, task, dataPlane, devices: devices?.href }),
    );
    const target = `grpc://${await start('master/0', 'master-entry', { cluster: addresses, state })}`;
    return {
      target,
      addresses,
      training: {
        workers: tasksOf('worker', addresses),
        servers: tasksOf('ps', addresses),
        dial: (address) => dialGrpc(address),
        watch: watchMaster(() => masterAt(target)),
      },
      async addWorker() {
        const settings = { join: target, dataPlane, devices: devices?.href };
        // Which number it has says the master.
        const key = `added/${additions++}`;
        const address = await start(key, 'worker-entry', settings);
        const { calls, close } = masterAt(target);
        const { tasks: all } = await calls.watchTasks({}).finally(close);
        const { name } = all.find((task) => task.address === address) ?? notAdded(address);
        added.set(name, tasks.get(key) as SupervisedTask);
        return name;
      },
      async removeWorker(name) {
        const task = added.get(name) ?? notAdded(name);
        added.delete(name);
        await task.end();
      },
      session(sessionOptions: Omit<ClusterSessionOptions, 'target'> = {}) {
        const session = new ClusterSession({ ...sessionOptions, target });
        sessions.add(session);
        return session;
      },
      pid: (job, task) => find(job, task).pid,
      kill: (job, task, signal = 'SIGKILL') => find(job, task).signal(signal),
      listening: async (job, task) => void (await find(job, task).listening()),
      restart: (job, task) => find(job, task).restart(),
      async close() {
        await Promise.all([...sessions].map((session) => session.close()));
        await closeTasks();
      },
    };
  } catch (error) {
    await closeTasks();
    throw error;
  }
}

/** The addresses of all tasks. Errors: those of the first that does not start. */
async function startWorkers(
  jobs: Readonly<Record<string, number>>,
  start: (job: string, task: number) => Promise<string>,
): Promise<ClusterSpec> {
  const addresses = Object.entries(jobs)
    .filter(([, count]) => count > 0)
    .map(async ([job, count]) => {
      const started = Array.from({ length: count }, (_, task) => start(job, task));
      return [job, await Promise.all(started)] as const;
    });
  return Object.fromEntries(await Promise.all(addresses));
}

function noTask(job: string, task: number): never {
  throw new GraphError('NAME_UNKNOWN', 'createLocalCluster', {
    what: `the cluster has no task ${task} of job ${job}.`,
  });
}

const masterAt = (target: string) =>
  grpcConnection(MasterService, { address: addressOf(target), name: target });

const tasksOf = (job: string, addresses: ClusterSpec) =>
  (addresses[job] ?? []).map((address, task) => ({ name: taskName(job, task), address }));
