import { js } from '@tenon/core';
import {
  ClusterSession,
  type ClusterSessionOptions,
  membersOf,
  serveMaster,
  serveWorker,
} from '../../src/index.js';
import { TcpProxy } from './proxy.js';

/** A worker, a server and a master over gRPC, with a proxy before each: clients, the master and the tasks reach each other through them. */
export async function proxiedCluster() {
  const servers = await Promise.all(
    ['worker', 'ps'].map((job) => serveWorker({ job, task: 0, devices: [js()] })),
  );
  const [worker, ps] = (await Promise.all(
    servers.map(({ address }) => TcpProxy.before(address)),
  )) as [TcpProxy, TcpProxy];
  const members = membersOf({ worker: [worker.address], ps: [ps.address] });
  const leaseMs = 1500;
  const server = await serveMaster({ members, leaseMs });
  const master = await TcpProxy.before(server.address);
  const sessions: ClusterSession[] = [];
  return {
    worker,
    ps,
    master,
    session(options: Omit<ClusterSessionOptions, 'target'> = {}) {
      const session = new ClusterSession({ ...options, target: `grpc://${master.address}` });
      sessions.push(session);
      return session;
    },
    async close() {
      for (const proxy of [worker, ps, master]) proxy.heal();
      for (const session of sessions) await session.close();
      await server.close();
      for (const one of servers) await one.close();
      for (const proxy of [worker, ps, master]) await proxy.close();
    },
  };
}
