import { ClusterSession, type ClusterSessionOptions } from '../client/cluster-session.js';
import { Master, type MasterOptions } from '../master/master.js';
import type { Member } from '../master/members/member.js';
import { localConnection } from '../protocol/call.js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import { type WatchWorkers, watchMaster } from '../training/watch-tasks.js';
import type { LocalCluster } from './local-cluster.js';
import { notAdded } from './not-added.js';

/** A master in this thread, with the sessions that it is asked for. */
export interface LocalMaster extends Pick<LocalCluster, 'session' | 'close'> {
  readonly watch: WatchWorkers;
  /** Takes in a worker under a number of its own; gives its name. */
  add(start: (task: number) => Member | Promise<Member>): Promise<string>;
  /** Lets one that was added go. Errors: NAME_UNKNOWN. */
  remove(name: string): Promise<void>;
}

/** Starts a master in this thread. */
export function localMaster(options: MasterOptions): LocalMaster {
  const master = new Master(options);
  const target = localConnection(MasterService, master.handlers);
  const sessions = new Set<ClusterSession>();
  const added = new Map<string, number>();
  return {
    session(sessionOptions: Omit<ClusterSessionOptions, 'target'> = {}) {
      const session = new ClusterSession({ ...sessionOptions, target });
      sessions.add(session);
      return session;
    },
    watch: watchMaster(() => target),
    async add(start) {
      const task = master.roster.promise('worker');
      const member = await start(task);
      added.set(member.name, task);
      await master.roster.admit({ job: 'worker', task, address: '' }, member);
      return member.name;
    },
    async remove(name) {
      const task = added.get(name) ?? notAdded(name);
      added.delete(name);
      await target.calls.leaveCluster({ job: 'worker', task, address: '' });
    },
    async close() {
      await Promise.all([...sessions].map((session) => session.close()));
      await master.close();
    },
  };
}
