import { js, parseOptions } from '@tenon/core';
import type { ClusterSession, ClusterSessionOptions } from '../client/cluster-session.js';
import type { Member } from '../master/members/member.js';
import { localConnection } from '../protocol/call.js';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { channelPair, closedChannel } from '../training/channel/memory-channel.js';
import type { TrainingCluster } from '../training/training-cluster.js';
import { MemoryTransport } from '../transport/memory-transport.js';
import { Worker } from '../worker/worker.js';
import {
  type CheckedHere,
  type HereOptions,
  type LocalClusterOptions,
  localClusterConfig,
  type ProcessOptions,
  type ThreadOptions,
} from './local-cluster-options.js';
import { localMaster } from './local-master.js';
import { createProcessCluster, type ProcessCluster } from './process-cluster.js';
import { createThreadCluster, type ThreadCluster } from './thread-cluster.js';

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

/** A cluster whose tasks are in this thread. */
export interface InProcessCluster extends LocalCluster {
  readonly workers: readonly Worker[];
}

/** A cluster whose tasks may end alone, and are started again at the same address. */
export interface SupervisedCluster extends LocalCluster {
  /** Ends a task at once, as a crash would. */
  kill(job: string, task: number): Promise<void>;
  /** Settles when a task can be reached (again). Errors: UNAVAILABLE where it is not started again. */
  listening(job: string, task: number): Promise<void>;
  /** Ends a task and starts it again where it was. */
  restart(job: string, task: number): Promise<void>;
}

/**
 * Starts a master, workers and parameter servers on this machine: all in this thread, `tasks: 'threads'` each worker and server in a
 * thread of its own, or `tasks: 'processes'` all of them in processes. A thread or process that ends is started again, without its
 * variables. Errors: ATTRIBUTE_INVALID; RUN_FAILED where a task does not start.
 *
 * @example
 * const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
 * const session = cluster.session();
 * const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
 * await session.run(assign(w, add(w, 1)));
 * await cluster.close();
 */
export function createLocalCluster(options: ProcessOptions): Promise<ProcessCluster>;
export function createLocalCluster(options: ThreadOptions): Promise<ThreadCluster>;
export function createLocalCluster(options?: HereOptions): Promise<InProcessCluster>;
export async function createLocalCluster(
  options: LocalClusterOptions = {},
): Promise<InProcessCluster | ThreadCluster | ProcessCluster> {
  const given = parseOptions('createLocalCluster', localClusterConfig, {
    tasks: 'here',
    ...options,
  });
  if (given.tasks === 'processes') return createProcessCluster(given);
  return given.tasks === 'threads' ? createThreadCluster(given) : inThisThread(given);
}

function inThisThread(options: CheckedHere): InProcessCluster {
  const { workers: count, parameterServers, devices = () => [js()], ops } = options;
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
  const members = Object.entries({ worker: count, ps: parameterServers }).flatMap(([job, tasks]) =>
    Array.from({ length: tasks }, (_, task) => start(job, task)),
  );
  const master = localMaster({ members, ops });
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
      watch: master.watch,
    },
    addWorker: () => master.add((task) => start('worker', task)),
    async removeWorker(name) {
      await master.remove(name);
      workers.get(name)?.close();
      workers.delete(name);
    },
    session: master.session,
    async close() {
      await master.close();
      for (const worker of workers.values()) worker.close();
    },
  };
}

const tasksOf = (job: string, workers: Iterable<Worker>) =>
  [...workers]
    .filter(({ name }) => name.startsWith(`/job:${job}/`))
    .map(({ name }) => ({ name, address: name }));
