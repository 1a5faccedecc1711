import { readCredentials } from '../cluster/credentials.js';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { type GrpcServer, type ListenOptions, serveGrpc } from '../protocol/grpc-server.js';
import { dialGrpc, trainingService } from '../training/channel/grpc-channel.js';
import { GrpcTransport } from './grpc-transport.js';
import type { Transport } from './transport.js';
import { Worker, type WorkerOptions } from './worker.js';

export interface WorkerServerOptions extends Omit<WorkerOptions, 'transport'>, ListenOptions {
  /** How tensors come from other workers; RecvTensor over gRPC when left out. */
  readonly transport?: Transport | undefined;
}

/** A worker that answers over gRPC. */
export interface WorkerServer extends GrpcServer {
  readonly worker: Worker;
}

/** Starts a worker. Its devices stay open when it is closed. Errors: UNAUTHENTICATED, ATTRIBUTE_INVALID, RUN_FAILED. */
export async function serveWorker(options: WorkerServerOptions): Promise<WorkerServer> {
  const { host, port, security = readCredentials(process.env), messageBytes, ...rest } = options;
  const { transport = new GrpcTransport({ security }) } = rest;
  const dial = (address: string) => dialGrpc(address, security);
  const worker = new Worker({ dial, ...rest, transport });
  const server = await serveGrpc(WorkerService, worker.handlers, {
    name: worker.name,
    host,
    port,
    security,
    messageBytes,
    streams: [trainingService((channel) => worker.training.accept(channel))],
  });
  const sweeping = setInterval(() => worker.sweep(), 10_000).unref();
  return {
    worker,
    address: server.address,
    async close() {
      clearInterval(sweeping);
      worker.close();
      await server.close();
    },
  };
}
