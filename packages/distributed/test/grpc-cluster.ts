import { type Device, js } from '@tenon/core';
import {
  ClusterSession,
  type ClusterSessionOptions,
  type DataPlane,
  membersOf,
  serveMaster,
  serveWorker,
  type WorkerServer,
} from '../src/index.js';

/** A cluster whose tasks answer over gRPC, all in this process: `jobs` says how many tasks each job has. */
export async function grpcCluster(
  jobs: Readonly<Record<string, number>>,
  devices: () => readonly Device[] = () => [js()],
  dataPlane: DataPlane = 'tcp',
) {
  const servers = new Map<string, WorkerServer>();
  const start = async (job: string, task: number, port = 0) => {
    const server = await serveWorker({ job, task, port, devices: devices(), dataPlane });
    servers.set(`${job}/${task}`, server);
    return server.address;
  };
  const addresses: Record<string, string[]> = {};
  for (const [job, count] of Object.entries(jobs)) {
    addresses[job] = [];
    for (let task = 0; task < count; task++) addresses[job].push(await start(job, task));
  }
  const master = await serveMaster({ members: membersOf(addresses) });
  const target = `grpc://${master.address}`;
  const sessions: ClusterSession[] = [];
  return {
    target,
    servers,
    session(options: Omit<ClusterSessionOptions, 'target'> = {}) {
      const session = new ClusterSession({ ...options, target });
      sessions.push(session);
      return session;
    },
    /** Ends a task; another life of it begins at the same address. */
    async restart(job: string, task: number) {
      const { address, close } = servers.get(`${job}/${task}`) as WorkerServer;
      await close();
      await start(job, task, Number(address.split(':')[1]));
    },
    async close() {
      for (const session of sessions) await session.close();
      await master.close();
      for (const server of servers.values()) await server.close();
    },
  };
}
