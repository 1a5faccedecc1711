import { ClusterSession, type ClusterSessionOptions } from '../client/cluster-session.js';
import type { ClusterSpec } from '../cluster/cluster-spec.js';
import { membersOf } from '../master/members-of-cluster.js';
import { serveMaster } from '../master/server.js';
import { localConnection } from '../protocol/call.js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import { dialGrpc } from '../training/channel/grpc-channel.js';
import { taskName } from '../worker/worker.js';
import type { LocalCluster } from './local-cluster.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

export interface ProcessClusterOptions {
  /** How many tasks each job has. */
  readonly jobs: Readonly<Record<string, number>>;
  /** Module that exports `devices`, a function that makes those of a task. */
  readonly devices?: URL;
}

/** A cluster whose tasks are processes of this machine. Its master is in this one, and answers other processes over gRPC. */
export interface ProcessCluster extends LocalCluster {
  /** Of the master: `grpc://127.0.0.1:1234`. */
  readonly target: string;
  /** Where each task listens. */
  readonly addresses: ClusterSpec;
  /** Ends a task at once, as a crash would. */
  kill(job: string, task: number): Promise<void>;
  /** Starts a task again where it was. */
  restart(job: string, task: number): Promise<void>;
}

/** Starts the processes, which end with this one. Errors: RUN_FAILED where one does not start. */
export async function createProcessCluster({
  jobs,
  devices,
}: ProcessClusterOptions): Promise<ProcessCluster> {
  const tasks = Object.entries(jobs).flatMap(([job, count]) =>
    Array.from({ length: count }, (_, task) => ({ job, task })),
  );
  const start = (job: string, task: number, port = 0) =>
    startWorkerProcess({ job, task, port, ...(devices ? { devices } : {}) });
  const starting = tasks.map(({ job, task }) => start(job, task));
  const started = await Promise.allSettled(starting);
  const failed = started.find((end) => end.status === 'rejected');
  const running = new Map<string, WorkerProcess>();
  for (const end of started)
    if (end.status === 'fulfilled') running.set(`${end.value.job}/${end.value.task}`, end.value);
  const closeAll = () => Promise.all([...running.values()].map((process) => process.kill()));
  if (failed) {
    await closeAll();
    throw failed.reason;
  }
  const addresses = Object.fromEntries(
    Object.keys(jobs).map((job) => [
      job,
      [...running.values()].filter((one) => one.job === job).map(({ address }) => address),
    ]),
  );
  const server = await serveMaster({ members: membersOf(addresses) });
  const target = `grpc://${server.address}`;
  const here = localConnection(MasterService, server.master.handlers);
  const sessions = new Set<ClusterSession>();
  const find = (job: string, task: number) => running.get(`${job}/${task}`) as WorkerProcess;
  return {
    target,
    addresses,
    training: {
      workers: tasksOf('worker', addresses),
      servers: tasksOf('ps', addresses),
      dial: (address) => dialGrpc(address),
    },
    session(options: Omit<ClusterSessionOptions, 'target'> = {}) {
      const session = new ClusterSession({ ...options, target: here });
      sessions.add(session);
      return session;
    },
    kill: (job, task) => find(job, task).kill(),
    async restart(job, task) {
      const { address, kill } = find(job, task);
      await kill();
      const port = Number(address.slice(address.lastIndexOf(':') + 1));
      running.set(`${job}/${task}`, await start(job, task, port));
    },
    async close() {
      await Promise.all([...sessions].map((session) => session.close()));
      await server.close();
      await closeAll();
    },
  };
}

const tasksOf = (job: string, addresses: ClusterSpec) =>
  (addresses[job] ?? []).map((address, task) => ({ name: taskName(job, task), address }));
