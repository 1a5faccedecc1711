import { readCredentials } from '../cluster/credentials.js';
import { HeartbeatServer } from '../heartbeat/heartbeat-server.js';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { type GrpcServer, type ListenOptions, serveGrpc } from '../protocol/grpc-server.js';
import type { Channel } from '../training/channel/channel.js';
import { dialTask } from '../training/channel/dial-task.js';
import { trainingService } from '../training/channel/grpc-channel.js';
import { packetChannel } from '../training/channel/tcp-channel.js';
import { GrpcTensorServer } from '../transport/grpc/grpc-tensor-server.js';
import type { Limits } from '../transport/limits.js';
import { TensorServer, type TensorServerOptions } from '../transport/tcp/tensor-server.js';
import { networkTransport } from './peer-transport.js';
import { taskName, Worker, type WorkerOptions } from './worker.js';

/** How a worker answers the pulls of others. */
export type DataPlane = 'tcp' | 'grpc';

export interface WorkerServerOptions extends Omit<WorkerOptions, 'transport'>, ListenOptions {
  /** How other workers pull from this one. Default `tcp`; `grpc` where only HTTP/2 gets through. */
  readonly dataPlane?: DataPlane | undefined;
  /** Where they do. 0, the default, lets the system choose. */
  readonly dataPort?: number | undefined;
  /** Where a thread of its own answers heartbeats. 0, the default, lets the system choose. */
  readonly heartbeatPort?: number | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** A worker that answers over gRPC. */
export interface WorkerServer extends GrpcServer {
  readonly worker: Worker;
}

interface PullServer {
  readonly address: { readonly port: number };
  close(): Promise<void>;
}

const pullServers = {
  tcp: (options) => TensorServer.listen(options),
  grpc: (options) => GrpcTensorServer.listen(options),
} satisfies Record<DataPlane, (options: TensorServerOptions) => Promise<PullServer>>;

/**
 * Starts a worker. Its devices stay open when it is closed.
 *
 * Tensors between two devices of the worker stay in its memory. From another worker they are pulled over what that one serves: frames
 * of TCP, or of TLS where `security` has certificates, on its data port; over gRPC where it was started with `dataPlane: 'grpc'`.
 * Workers of one process that are made without a server, as `createLocalCluster` does, hand over values without a copy; threads with
 * shared memory do so over `ThreadTransport`.
 *
 * Errors: ATTRIBUTE_INVALID, UNAUTHENTICATED (off loopback without security), RUN_FAILED.
 */
export async function serveWorker(options: WorkerServerOptions): Promise<WorkerServer> {
  const { host = '127.0.0.1', port, dataPort = 0, heartbeatPort = 0, messageBytes } = options;
  const { security = readCredentials(process.env) } = options;
  const { dataPlane = 'tcp', limits = {}, job, task } = options;
  const from = taskName(job, task);
  const worker = new Worker({
    dial: (address) => dialTask(address, security),
    ...options,
    transport: networkTransport({ from, security, limits }),
  });
  const { self } = worker;
  const closing: (() => Promise<void>)[] = [async () => worker.close()];
  const close = async () => {
    for (const end of closing.splice(0)) await end();
  };
  const listening = async <T extends { close(): Promise<void> }>(starting: Promise<T>) => {
    const server = await starting;
    closing.push(() => server.close());
    return server;
  };
  try {
    const bind = { self, host, security };
    const accept = (channel: Channel) => worker.training.accept(channel);
    const packets = packetChannel(accept);
    const pulls = { ...bind, source: worker, limits, port: dataPort, packets };
    const data = await listening<PullServer>(pullServers[dataPlane](pulls));
    const heartbeat = await listening(HeartbeatServer.listen({ ...bind, port: heartbeatPort }));
    worker.ports = {
      data: { plane: dataPlane, port: data.address.port },
      heartbeatPort: heartbeat.port,
    };
    const { name } = worker;
    const answering = serveGrpc(WorkerService, worker.handlers, {
      name,
      host,
      port,
      security,
      messageBytes,
      streams: [trainingService(accept)],
    });
    const { address } = await listening(answering);
    const sweeping = setInterval(() => worker.sweep(), 10_000).unref();
    closing.push(async () => clearInterval(sweeping));
    return { worker, address, close };
  } catch (error) {
    await close();
    throw error;
  }
}
