import { GraphError } from '@tenon/core';
import { addressOf } from '../client/master-address.js';
import { environmentWaitMs, untilThere } from '../client/until-there.js';
import { masterTarget } from '../cluster/master-target.js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import type { Dial } from './channel/channel.js';
import { dialTask } from './channel/dial-task.js';
import type { TrainingTask } from './chief/task-link.js';
import { splitTasks, type WatchWorkers, watchMaster } from './watch-tasks.js';

/** The tasks that can take part in training, and how they are reached. */
export interface TrainingTasksOf {
  readonly workers: readonly TrainingTask[];
  readonly servers: readonly TrainingTask[];
  readonly dial: Dial;
  /** Tells of workers that come and go. */
  readonly watch?: WatchWorkers;
}

/** What has tasks: a local cluster. */
export interface TrainingCluster {
  readonly training: TrainingTasksOf;
}

/** The tasks of a cluster, or of that which the environment describes. Errors: ATTRIBUTE_INVALID, UNAVAILABLE. */
export async function connectedTasks(cluster?: TrainingCluster): Promise<TrainingTasksOf> {
  if (cluster) return cluster.training;
  const target = masterTarget(process.env);
  if (!target) {
    throw new GraphError('ATTRIBUTE_INVALID', 'dataParallel', {
      what: 'there is no cluster.',
      fix: 'give cluster: await createLocalCluster(...), set TENON_MASTER or TENON_CLUSTER, or start the script with tenon cluster.',
    });
  }
  const address = addressOf(target);
  const { calls, close } = grpcConnection(MasterService, { address, name: target });
  try {
    const ask = () => calls.listDevices({}, { timeoutMs: 30_000, waitForReady: true });
    const { devices } = await untilThere(ask, { waitMs: environmentWaitMs() });
    const tasks = new Map(
      devices.map(({ name, address: task }) => [name.slice(0, name.indexOf('/device:')), task]),
    );
    const found = [...tasks].map(([name, task]) => ({ name, address: task }));
    const watch = watchMaster(() => grpcConnection(MasterService, { address, name: target }));
    return { ...splitTasks(found), dial: (task) => dialTask(task), watch };
  } finally {
    close();
  }
}
