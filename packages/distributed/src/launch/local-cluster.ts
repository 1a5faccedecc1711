import { type Device, js, type OpInfo } from '@tenon/core';
import { ClusterSession, type ClusterSessionOptions } from '../client/cluster-session.js';
import { Master } from '../master/master.js';
import type { Member } from '../master/members/member.js';
import { localConnection } from '../protocol/call.js';
import { MasterService, WorkerService } from '../protocol/gen/distributed_pb.js';
import { channelPair, closedChannel } from '../training/channel/memory-channel.js';
import type { TrainingCluster } from '../training/training-cluster.js';
import { watchMaster } from '../training/watch-tasks.js';
import { MemoryTransport } from '../transport/memory-transport.js';
import type { DataPlane } from '../worker/server.js';
import { Worker } from '../worker/worker.js';
import { notAdded } from './not-added.js';
import { createProcessCluster, type ProcessCluster } from './process-cluster.js';

export interface LocalClusterOptions {
  /** Tasks of job `worker`. Default 1. */
  readonly workers?: number;
  /** Tasks of job `ps`. Default 0. */
  readonly parameterServers?: number;
  /** Whether each task is a process of its own; else all are in this one. Default false. */
  readonly processes?: boolean;
  /**
   * The devices of each task: in this process a function that makes them; else the URL of a module that exports such a function as
   * `devices`. Default: one js device.
   */
  readonly devices?: (() => readonly Device[]) | URL;
  /** Of processes: how they pull tensors from each other. Default `tcp`. */
  readonly dataPlane?: DataPlane;
  /** In this process: the ops that graphs may use. */
  readonly ops?: Iterable<OpInfo>;
  /** Of processes: how often each is started again within a minute when it has ended; 0 leaves it ended. Default 10. */
  readonly restartsPerMinute?: number;
  /** Of processes: hears of those that have ended; a warning of this process when left out. */
  readonly report?: (message: string) => void;
}

/** A cluster on this machine. */
export interface LocalCluster extends TrainingCluster {
  /** A session in it. */
  session(options?: Omit<ClusterSessionOptions, 'target'>): ClusterSession;
  /** Another task of job `worker`, for sessions that are made from now on and for strategies that are elastic; gives its name. */
  addWorker(): Promise<string>;
  /** Ends a task that was added. Errors: NAME_UNKNOWN where none has the name. */
  removeWorker(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A cluster whose tasks are in this process. */
export interface InProcessCluster extends LocalCluster {
  readonly workers: readonly Worker[];
}

/**
 * Starts a master, workers and parameter servers on this machine. Processes that end are started again at the same address.
 *
 * @example
 * const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
 * const session = cluster.session();
 * const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
 * await session.run(assign(w, add(w, 1)));
 * await cluster.close();
 */
export function createLocalCluster(
  options: LocalClusterOptions & { readonly processes: true },
): Promise<ProcessCluster>;
export function createLocalCluster(
  options?: LocalClusterOptions & { readonly processes?: false },
): Promise<InProcessCluster>;
export async function createLocalCluster(
  options: LocalClusterOptions = {},
): Promise<InProcessCluster | ProcessCluster> {
  const { workers = 1, parameterServers = 0, processes = false, devices, dataPlane } = options;
  const jobs = { worker: workers, ps: parameterServers };
  if (processes) {
    const { restartsPerMinute, report } = options;
    const url = devices instanceof URL ? devices : undefined;
    return createProcessCluster({ jobs, devices: url, dataPlane, restartsPerMinute, report });
  }
  const make = typeof devices === 'function' ? devices : () => [js()];
  return inProcess(jobs, make, options.ops);
}

function inProcess(
  jobs: Readonly<Record<string, number>>,
  devices: () => readonly Device[],
  ops?: Iterable<OpInfo>,
): InProcessCluster {
  const workers = new Map<string, Worker>();
  const dial = (name: string) => {
    const worker = workers.get(name);
    if (!worker) return closedChannel();
    const [here, there] = channelPair();
    worker.training.accept(there);
    return here;
  };
  const start = (job: string, task: number): Member => {
    const transport = () => new MemoryTransport((name) => workers.get(name));
    const worker = new Worker({ job, task, devices: devices(), transport, ops, dial });
    const { name, handlers } = worker;
    workers.set(name, worker);
    return { name, address: '', connection: localConnection(WorkerService, handlers) };
  };
  const members = Object.entries(jobs).flatMap(([job, count]) =>
    Array.from({ length: count }, (_, task) => start(job, task)),
  );
  const master = new Master({ members, ops });
  const target = localConnection(MasterService, master.handlers);
  const sessions = new Set<ClusterSession>();
  const added = new Map<string, number>();
  return {
    get workers() {
      return [...workers.values()];
    },
    training: {
      get workers() {
        return tasksOf('worker', workers.values());
      },
      servers: tasksOf('ps', workers.values()),
      dial,
      watch: watchMaster(() => target),
    },
    async addWorker() {
      const task = master.roster.promise('worker');
      const member = start('worker', task);
      added.set(member.name, task);
      await master.roster.admit({ job: 'worker', task, address: '' }, member);
      return member.name;
    },
    async removeWorker(name) {
      const task = added.get(name) ?? notAdded(name);
      added.delete(name);
      await target.calls.leaveCluster({ job: 'worker', task, address: '' });
      workers.get(name)?.close();
      workers.delete(name);
    },
    session(options = {}) {
      const session = new ClusterSession({ ...options, target });
      sessions.add(session);
      return session;
    },
    async close() {
      await Promise.all([...sessions].map((session) => session.close()));
      await master.close();
      for (const worker of workers.values()) worker.close();
    },
  };
}

const tasksOf = (job: string, workers: Iterable<Worker>) =>
  [...workers]
    .filter(({ name }) => name.startsWith(`/job:${job}/`))
    .map(({ name }) => ({ name, address: name }));
