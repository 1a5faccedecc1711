import { GraphError, Session, type SessionOptions } from '@tenon/core';
import { masterTarget } from '../cluster/master-target.js';
import type { Connection } from '../protocol/call.js';
import { type DeviceInfo, MasterService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import type { Security } from '../transport/security.js';
import { type ChromeTrace, chromeTrace } from './chrome-trace.js';
import { ClusterDevice } from './cluster-device.js';
import { addressOf } from './master-address.js';
import { MasterLink } from './master-link.js';
import { environmentWaitMs, untilThere, type WaitOptions } from './until-there.js';

export interface ClusterSessionOptions extends Omit<SessionOptions, 'devices'> {
  /**
   * The master: `grpc://host:port`, or one in the same process. Default: TENON_MASTER, or the chief of the cluster that the environment
   * describes; see `resolveCluster`.
   */
  readonly target?: string | Connection<typeof MasterService>;
  /** Milliseconds that a run, and every wait in it, may take. Default 300,000. */
  readonly timeoutMs?: number;
  /** Milliseconds to wait for a master and workers that are not there yet. Default: the seconds of TENON_WAIT, or 0. */
  readonly waitMs?: number;
  /** Certificates and token for the master. Default: what the environment names; see `readCredentials`. */
  readonly security?: Security;
}

/**
 * A session whose variables live in a cluster and whose graphs run there. It has what every session has; hints of `withDevice` name
 * the cluster's devices: `/job:ps/task:0`. Errors: those of Session; UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED, ATTRIBUTE_INVALID.
 */
export class ClusterSession extends Session {
  private readonly link: MasterLink;
  private readonly waiting: AbortController;

  constructor(options: ClusterSessionOptions = {}) {
    const {
      target = masterTarget(process.env) ?? '',
      timeoutMs = 300_000,
      waitMs = environmentWaitMs(),
      security,
      ...rest
    } = options;
    checkTimes({ timeoutMs: [timeoutMs, 1], waitMs: [waitMs, 0] });
    const master =
      typeof target === 'string'
        ? grpcConnection(MasterService, { address: addressOf(target), name: target, security })
        : target;
    const waiting = new AbortController();
    const connection = waited(master, { waitMs, signal: waiting.signal });
    const link = new MasterLink({
      connection,
      timeoutMs,
      placement: rest.placement ? JSON.stringify(rest.placement) : '',
    });
    super({ ...rest, devices: [new ClusterDevice(link)] });
    this.link = link;
    this.waiting = waiting;
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
    this.waiting.abort();
    await this.link.close();
  }
}

/** The connection, on which a session is asked for again while the cluster is starting. */
function waited(
  { calls, close }: Connection<typeof MasterService>,
  wait: WaitOptions,
): Connection<typeof MasterService> {
  const createSession: typeof calls.createSession = (request, options) =>
    untilThere(() => calls.createSession(request, options), wait);
  return { calls: { ...calls, createSession }, close };
}

// Timers can not wait longer than 2^31 ms.
function checkTimes(
  times: Readonly<Record<string, readonly [given: number, least: number]>>,
): void {
  for (const [name, [given, least]] of Object.entries(times)) {
    if (Number.isInteger(given) && given >= least && given <= 2e9) continue;
    throw new GraphError('ATTRIBUTE_INVALID', 'ClusterSession', {
      what: `${name} is ${given}, not an integer from ${least} to 2e9.`,
    });
  }
}
