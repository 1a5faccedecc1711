import type { Connection, Handlers } from '../../protocol/call.js';
import { type MasterService, WorkerService } from '../../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../../protocol/grpc-client.js';
import { readJoinRequest } from './join-request.js';
import type { Member } from './member.js';
import type { Roster } from './roster.js';

/** The longest that a caller is let wait for workers that come or go. */
const mostWaitMs = 30_000;

/** Reaches a worker over gRPC, with what the environment names. */
export const connectWorker = (
  task: Pick<Member, 'name' | 'address'>,
): Connection<typeof WorkerService> => grpcConnection(WorkerService, task);

/** What a master answers to workers that come and go, and to those who follow them; `left` hears when one has gone. */
export const membership = (
  roster: Roster,
  left: () => void,
): Pick<Handlers<typeof MasterService>, 'joinCluster' | 'leaveCluster' | 'watchTasks'> => ({
  joinCluster: async (request) => {
    await roster.loaded;
    return { task: await roster.join(readJoinRequest(request)) };
  },
  leaveCluster: async ({ job, task, address }) => {
    await roster.loaded;
    await roster.leave({ job, task, address });
    left();
    return {};
  },
  watchTasks: async ({ version, waitMs }, signal) => {
    await roster.loaded;
    await roster.changes.since(version, { waitMs: Math.min(waitMs, mostWaitMs), signal });
    const tasks = roster.members.map(({ name, address }) => ({ name, address }));
    return { version: roster.changes.version, tasks };
  },
});
