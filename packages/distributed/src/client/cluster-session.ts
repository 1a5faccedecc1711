import type { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import { GraphError, Session, type SessionOptions } from '@tenon/core';
import type { Connection } from '../protocol/call.js';
import { type DeviceInfo, MasterService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import { type ChromeTrace, chromeTrace } from './chrome-trace.js';
import { ClusterDevice } from './cluster-device.js';
import { MasterLink } from './master-link.js';

export interface ClusterSessionOptions extends Omit<SessionOptions, 'devices'> {
  /** The master: `grpc://host:port`, which TENON_MASTER gives when left out, or one in the same process. */
  readonly target?: string | Connection<typeof MasterService>;
  /** Milliseconds that a run, and every wait in it, may take. Default 300,000. */
  readonly timeoutMs?: number;
  readonly credentials?: ChannelCredentials;
  /** Sent with every call. */
  readonly metadata?: Metadata;
}

/**
 * A session whose variables live in a cluster and whose graphs run there. It has what every session has; hints of `withDevice` name
 * the cluster's devices: `/job:ps/task:0`. Errors: those of Session; WORKER_LOST, DEADLINE_EXCEEDED, ATTRIBUTE_INVALID.
 */
export class ClusterSession extends Session {
  private readonly link: MasterLink;

  constructor(options: ClusterSessionOptions = {}) {
    const {
      target = process.env.TENON_MASTER ?? '',
      timeoutMs = 300_000,
      credentials,
      metadata,
      ...rest
    } = options;
    const connection =
      typeof target === 'string'
        ? grpcConnection(MasterService, {
            address: addressOf(target),
            name: target,
            credentials,
            metadata,
          })
        : target;
    const placement = rest.placement ? JSON.stringify(rest.placement) : '';
    const link = new MasterLink({
      connection,
      timeoutMs: checkedTimeout(timeoutMs),
      placement,
    });
    super({ ...rest, devices: [new ClusterDevice(link)] });
    this.link = link;
  }

  /** The devices of the cluster by the names that hints give. */
  listDevices(): Promise<readonly DeviceInfo[]> {
    return this.link.devices();
  }

  /** Ends the run that is going on, if it has not succeeded yet: it fails with RUN_ABORTED and has changed nothing. */
  cancel(): void {
    this.link.cancel();
  }

  /**
   * What the runs of this session did since a time (milliseconds since 1970), on all processes: `JSON.stringify` it into a file for
   * `chrome://tracing` or Perfetto.
   */
  async trace(since: number): Promise<ChromeTrace> {
    return chromeTrace(await this.link.spans(since));
  }

  /** Ends the run that is going on and gives everything back; to be awaited where the end matters. */
  override async close(): Promise<void> {
    super.close();
    await this.link.close();
  }
}

// Timers can not wait longer than 2^31 ms.
function checkedTimeout(timeoutMs: number): number {
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= 2e9) return timeoutMs;
  throw new GraphError('ATTRIBUTE_INVALID', 'ClusterSession', {
    what: `timeoutMs is ${timeoutMs}, not an integer from 1 to 2e9.`,
  });
}

function addressOf(target: string): string {
  const [, address] = /^grpc:\/\/([^/\s]+:\d+)$/.exec(target) ?? [];
  if (address) return address;
  throw new GraphError('ATTRIBUTE_INVALID', 'ClusterSession', {
    what: `target is "${target}".`,
    fix: 'write grpc://host:port, or set TENON_MASTER.',
  });
}
