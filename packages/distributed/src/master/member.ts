import type { Connection } from '../protocol/call.js';
import { ClusterError } from '../protocol/cluster-error.js';
import type { DeviceInfo, DeviceRates, WorkerService } from '../protocol/gen/distributed_pb.js';

/** A worker as the master reaches it. */
export interface Member {
  /** `/job:worker/replica:0/task:1` */
  readonly name: string;
  /** Where other workers reach it. */
  readonly address: string;
  readonly connection: Connection<typeof WorkerService>;
}

/** A worker in one of its lives. */
export interface LivingMember extends Member {
  readonly incarnation: string;
  readonly devices: readonly DeviceInfo[];
  readonly timeToLiveMs: number;
}

/** Asks a worker who it is. Errors: WORKER_LOST, NAME_TAKEN where another worker answers. */
export async function living(member: Member, timeoutMs: number): Promise<LivingMember> {
  const { worker, incarnation, devices, timeToLive } = await status(member, timeoutMs);
  if (worker === member.name)
    return { ...member, incarnation, devices, timeToLiveMs: 1000 * timeToLive };
  throw new ClusterError('NAME_TAKEN', member.name, {
    what: `${worker} answers at ${member.address}.`,
    fix: 'give every process its own job, task and address, as the cluster says.',
    worker: member.name,
  });
}

/** The devices of a worker with how fast they are. Errors: WORKER_LOST, ATTRIBUTE_INVALID where a device can not be measured. */
export async function ratesOfMember(
  { name, connection }: Member,
  timeoutMs: number,
): Promise<(DeviceInfo & { readonly rates: DeviceRates })[]> {
  const { devices } = await connection.calls.getStatus({ rates: true }, { timeoutMs });
  return devices.map((device) => {
    const { rates } = device;
    if (rates) return { ...device, rates };
    throw new ClusterError('FORMAT_INVALID', device.name, {
      what: 'the worker did not say how fast it is.',
      fix: 'run the same release on all processes.',
      worker: name,
    });
  });
}

async function status({ name, address, connection }: Member, timeoutMs: number) {
  try {
    return await connection.calls.getStatus({}, { timeoutMs, waitForReady: true });
  } catch (cause) {
    if (!(cause instanceof ClusterError) || cause.code !== 'DEADLINE_EXCEEDED') throw cause;
    throw new ClusterError('WORKER_LOST', name, {
      what: `it did not answer at ${address} within ${timeoutMs} ms.`,
      fix: 'see that the process runs and that the cluster has its address.',
      cause,
      worker: name,
    });
  }
}
