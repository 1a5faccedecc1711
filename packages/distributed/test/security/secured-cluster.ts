import { type Device, js, type OpInfo } from '@tenon/core';
import {
  ClusterSession,
  type MasterServer,
  membersOf,
  type Security,
  serveMaster,
  serveWorker,
  type WorkerServer,
} from '../../src/index.js';

export interface SecuredCluster {
  readonly worker: WorkerServer;
  readonly ps: WorkerServer;
  readonly master: MasterServer;
  session(security?: Security): ClusterSession;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** What all processes show each other; the environment says it when left out. */
  readonly security?: Security;
  readonly messageBytes?: number;
  readonly ops?: Iterable<OpInfo>;
  readonly devices?: () => readonly Device[];
}

/** A master, a worker and a parameter server over gRPC, in this process. */
export async function securedCluster(options: ClusterOptions = {}): Promise<SecuredCluster> {
  const { devices = () => [js()], ...listening } = options;
  const serve = (job: string) => serveWorker({ job, task: 0, devices: devices(), ...listening });
  const [worker, ps] = await Promise.all([serve('worker'), serve('ps')]);
  const cluster = { worker: [worker.address], ps: [ps.address] };
  const master = await serveMaster({ members: membersOf(cluster, options.security), ...listening });
  const sessions: ClusterSession[] = [];
  return {
    worker,
    ps,
    master,
    session(security = options.security) {
      const target = `grpc://${master.address}`;
      const session = new ClusterSession({ target, ...(security ? { security } : {}) });
      sessions.push(session);
      return session;
    },
    async close() {
      for (const session of sessions) await session.close();
      await master.close();
      await Promise.all([worker.close(), ps.close()]);
    },
  };
}
