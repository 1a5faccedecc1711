import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterSession, type ClusterSessionOptions } from '../client/cluster-session.js';
import { addressOf } from '../client/master-address.js';
import type { ClusterSpec } from '../cluster/cluster-spec.js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import { dialTask } from '../training/channel/dial-task.js';
import { watchMaster } from '../training/watch-tasks.js';
import type { SupervisedCluster } from './local-cluster.js';
import type { CheckedProcesses } from './local-cluster-options.js';
import { notAdded } from './not-added.js';
import { SupervisedTasks, supervisedCalls, trainingTasks } from './supervised-tasks.js';
import { startTaskProcess, type TaskProcess } from './task-process.js';

/** A cluster whose tasks, and whose master, are processes. The tasks are those of the jobs, and task 0 of job `master`. */
export interface ProcessCluster extends SupervisedCluster {
  /** Of the master: `grpc://127.0.0.1:1234`. */
  readonly target: string;
  /** Where each task listens. */
  readonly addresses: ClusterSpec;
  /** The process of a task now. */
  pid(job: string, task: number): number;
  /** Ends a task at once, as a crash would, or sends its process another signal. */
  kill(job: string, task: number, signal?: NodeJS.Signals): Promise<void>;
}

/** Starts the processes, which end with this one. Errors: RUN_FAILED where one does not start. */
export async function createProcessCluster(options: CheckedProcesses): Promise<ProcessCluster> {
  const { workers, parameterServers, devices, dataPlane, ...supervision } = options;
  const tasks = new SupervisedTasks<TaskProcess>(supervision);
  const state = await mkdtemp(join(tmpdir(), 'tenon-master-'));
  const closeTasks = async () => {
    await tasks.close();
    await rm(state, { recursive: true, force: true });
  };
  const sessions = new Set<ClusterSession>();
  try {
    const jobs = { worker: workers, ps: parameterServers };
    const addresses = await tasks.startAll(jobs, (place, name, address) => {
      const settings = { ...place, dataPlane, devices: devices?.href, port: portOf(address) };
      return startTaskProcess({ name, entry: 'worker-entry', settings });
    });
    const address = await tasks.start({ job: 'master', task: 0 }, (name, before) => {
      const settings = { cluster: addresses, state, port: portOf(before) };
      return startTaskProcess({ name, entry: 'master-entry', settings });
    });
    const target = `grpc://${address}`;
    return {
      target,
      addresses,
      training: {
        workers: trainingTasks('worker', addresses),
        servers: trainingTasks('ps', addresses),
        dial: (to) => dialTask(to),
        watch: watchMaster(() => masterAt(target)),
      },
      addWorker: () =>
        tasks.add(
          (name, before) => {
            const port = portOf(before);
            const settings = { join: target, dataPlane, devices: devices?.href, port };
            return startTaskProcess({ name, entry: 'worker-entry', settings });
          },
          // Which number it has says the master.
          async (own) => {
            const { calls, close } = masterAt(target);
            const { tasks: all } = await calls.watchTasks({}).finally(close);
            return all.find((task) => task.address === own)?.name ?? notAdded(own);
          },
        ),
      async removeWorker(name) {
        await tasks.remove(name);
      },
      session(sessionOptions: Omit<ClusterSessionOptions, 'target'> = {}) {
        const session = new ClusterSession({ ...sessionOptions, target });
        sessions.add(session);
        return session;
      },
      ...supervisedCalls(tasks),
      pid: (job, task) => tasks.find(job, task).life.pid,
      kill: (job, task, signal = 'SIGKILL') => tasks.find(job, task).life.signal(signal),
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

/** The port that a process had before; 0 where it had none. */
const portOf = (address = ''): number => Number(address.slice(address.lastIndexOf(':') + 1));

const masterAt = (target: string) =>
  grpcConnection(MasterService, { address: addressOf(target), name: target });
