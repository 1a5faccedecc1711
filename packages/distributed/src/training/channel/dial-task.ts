import type { HostTensor } from '@tenon/core';
import { parseAddress } from '../../cluster/address.js';
import { readCredentials } from '../../cluster/credentials.js';
import { WorkerService } from '../../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../../protocol/grpc-client.js';
import type { Security } from '../../transport/security.js';
import type { Channel, Listener } from './channel.js';
import { dialGrpc } from './grpc-channel.js';
import { dialTcp } from './tcp-channel.js';

const patienceMs = 10_000;

/** A channel that is still being found: what is sent meanwhile waits. */
class LateChannel implements Channel {
  readonly watched = false;
  private readonly giveUp: () => void;
  private channel: Channel | undefined;
  private listener: Listener | undefined;
  private waiting: (readonly [body: object, tensors: readonly HostTensor[]])[] = [];
  private open = true;

  /** `giveUp` ends the finding. */
  constructor(finding: Promise<() => Channel>, giveUp: () => void) {
    this.giveUp = giveUp;
    finding.then((dial) => this.found(dial)).catch(() => this.lost());
  }

  send(body: object, tensors: readonly HostTensor[] = []): void {
    if (this.channel) this.channel.send(body, tensors);
    else if (this.open) this.waiting.push([body, tensors]);
  }

  listen(listener: Listener): void {
    this.listener = listener;
    this.channel?.listen(listener);
  }

  close(): void {
    this.open = false;
    this.waiting = [];
    this.giveUp();
    this.channel?.close();
  }

  private found(dial: () => Channel): void {
    if (!this.open) return;
    const channel = dial();
    this.channel = channel;
    if (this.listener) channel.listen(this.listener);
    for (const [body, tensors] of this.waiting) channel.send(body, tensors);
    this.waiting = [];
  }

  private lost(): void {
    if (!this.open) return;
    this.close();
    this.listener?.closed();
  }
}

/**
 * Opens a channel to a task over the data plane that it serves: frames of TCP or TLS on its data port, or gRPC. It shows what the
 * environment names where no security is given.
 */
export function dialTask(
  address: string,
  security: Security = readCredentials(process.env),
): Channel {
  const { calls, close } = grpcConnection(WorkerService, { address, name: address, security });
  const abort = new AbortController();
  const find = async () => {
    const asked = calls.getStatus({}, { timeoutMs: patienceMs, signal: abort.signal });
    const { worker, incarnation, data } = await asked.finally(close);
    const host = parseAddress(address)?.host;
    if (data?.plane !== 'tcp' || host === undefined) return () => dialGrpc(address, security);
    const { port } = data;
    return () => dialTcp({ worker, incarnation, host, port }, security);
  };
  return new LateChannel(find(), () => abort.abort());
}
