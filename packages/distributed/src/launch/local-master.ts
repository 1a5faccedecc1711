import { ClusterSession, type ClusterSessionOptions } from '../client/cluster-session.js';
import { Master, type MasterOptions } from '../master/master.js';
import { localConnection } from '../protocol/call.js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import type { LocalCluster } from './local-cluster.js';

/** A master in this thread, with the sessions that it is asked for. */
export function localMaster(options: MasterOptions): Pick<LocalCluster, 'session' | 'close'> {
  const master = new Master(options);
  const target = localConnection(MasterService, master.handlers);
  const sessions = new Set<ClusterSession>();
  return {
    session(sessionOptions: Omit<ClusterSessionOptions, 'target'> = {}) {
      const session = new ClusterSession({ ...sessionOptions, target });
      sessions.add(session);
      return session;
    },
    async close() {
      await Promise.all([...sessions].map((session) => session.close()));
      await master.close();
    },
  };
}
