import type { HostTensor } from '@tenon/core';
import type { Connection } from '../protocol/call.js';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { type GrpcConnectionOptions, grpcConnection } from '../protocol/grpc-client.js';
import { tensorOf } from '../protocol/tensor-message.js';
import type { PullRequest, Transport } from './transport.js';

// The other side answers when its own wait is over, and says what it has waited for.
const answerMs = 2000;

/** Pulls tensors through RecvTensor of the workers. */
export class GrpcTransport implements Transport {
  private readonly options: Pick<GrpcConnectionOptions, 'security'>;
  private readonly connections = new Map<string, Connection<typeof WorkerService>>();

  /** `security`: what other workers ask of those who call them. */
  constructor(options: Pick<GrpcConnectionOptions, 'security'> = {}) {
    this.options = options;
  }

  async receive(request: PullRequest): Promise<HostTensor> {
    const { worker, address, signal, timeoutMs, ...asked } = request;
    const { calls } = this.connection(worker, address);
    const response = await calls.recvTensor(
      { ...asked, timeoutMs },
      // The master has just seen the other worker; where it is gone again, the master ends the step.
      { signal, timeoutMs: timeoutMs + answerMs, waitForReady: true },
    );
    return tensorOf(response.value, request.key);
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
    this.connections.clear();
  }

  private connection(name: string, address: string): Connection<typeof WorkerService> {
    let connection = this.connections.get(address);
    if (!connection) {
      connection = grpcConnection(WorkerService, { ...this.options, address, name });
      this.connections.set(address, connection);
    }
    return connection;
  }
}
