import type { Connection } from '../../protocol/call.js';
import { ClusterError } from '../../protocol/cluster-error.js';
import type {
  DataPort,
  DeviceInfo,
  DeviceRates,
  WorkerService,
} from '../../protocol/gen/distributed_pb.js';

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
  /** Where it answers pulls. */
  readonly data: DataPort | undefined;
  /** Where it says that it lives; 0 where nothing does. */
  readonly heartbeatPort: number;
}

/** Asks a worker who it is. Errors: UNAVAILABLE, NAME_TAKEN where another worker answers. */
export async function living(member: Member, timeoutMs: number): Promise<LivingMember> {
  const { worker, timeToLive, devices: own, ...told } = await status(member, timeoutMs);
  const { incarnation, data, heartbeatPort } = told;
  const devices = own.map((device) => ({ ...device, address: member.address }));
  const timeToLiveMs = 1000 * timeToLive;
  if (worker === member.name)
    return { ...member, incarnation, devices, timeToLiveMs, data, heartbeatPort };
  throw new ClusterError('NAME_TAKEN', member.name, {
    what: `${worker} answers at ${member.address}.`,
    fix: 'give every process its own job, task and address, as the cluster says.',
    worker: member.name,
  });
}

/** The devices of a worker with how fast they are. Errors: UNAVAILABLE, ATTRIBUTE_INVALID where a device can not be measured. */
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
    throw new ClusterError('UNAVAILABLE', name, {
      what: `it did not answer at ${address} within ${timeoutMs} ms.`,
      fix: 'see that the process runs and that the cluster has its address.',
      cause,
      worker: name,
    });
  }
}
