import type { ClusterSpec } from '../../cluster/cluster-spec.js';
import { readCredentials } from '../../cluster/credentials.js';
import { isWorkerJob } from '../../cluster/master-target.js';
import { WorkerService } from '../../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../../protocol/grpc-client.js';
import type { Security } from '../../transport/security.js';
import { taskName } from '../../worker/worker.js';
import type { Member } from './member.js';

// What nothing constrains runs where computing is meant to happen; variables go to servers by hint.
const rank = (job: string): number => ['worker', 'ps'].indexOf(job) + 1 || 1.5;

/**
 * The workers of a cluster over gRPC: those of job `worker` first, those of `ps` last; chief, master and evaluators are none.
 * `security`, which the environment gives when left out, is shown to them. Errors: ATTRIBUTE_INVALID, CLUSTER_INVALID.
 */
export function membersOf(
  cluster: ClusterSpec,
  security: Security = readCredentials(process.env),
): Member[] {
  const jobs = Object.entries(cluster)
    .filter(([job]) => isWorkerJob(job))
    .sort(([a], [b]) => rank(a) - rank(b));
  return jobs.flatMap(([job, addresses]) =>
    addresses.map((address, task) => {
      const name = taskName(job, task);
      return {
        name,
        address,
        connection: grpcConnection(WorkerService, { address, name, security }),
      };
    }),
  );
}
