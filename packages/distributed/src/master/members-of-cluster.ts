import type { ChannelCredentials } from '@grpc/grpc-js';
import type { ClusterSpec } from '../cluster/cluster-spec.js';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import { taskName } from '../worker/worker.js';
import type { Member } from './member.js';

// What nothing constrains runs where computing is meant to happen; variables go to servers by hint.
const rankOf = (job: string): number => ['worker', 'chief'].indexOf(job) + 1 || 3;
const rank = (job: string): number => (job === 'ps' ? 4 : rankOf(job));

/** The workers of a cluster over gRPC: those of job `worker` first, those of `ps` last. */
export function membersOf(cluster: ClusterSpec, credentials?: ChannelCredentials): Member[] {
  const jobs = Object.entries(cluster)
    .filter(([job]) => job !== 'master')
    .sort(([a], [b]) => rank(a) - rank(b));
  return jobs.flatMap(([job, addresses]) =>
    addresses.map((address, task) => {
      const name = taskName(job, task);
      return {
        name,
        address,
        connection: grpcConnection(WorkerService, { address, name, credentials }),
      };
    }),
  );
}
