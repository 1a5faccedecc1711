import type { ServerCredentials } from '@grpc/grpc-js';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { type GrpcServer, serveGrpc } from '../protocol/grpc-server.js';
import { trainingService } from '../training/channel/grpc-channel.js';
import { GrpcTransport } from './grpc-transport.js';
import type { Transport } from './transport.js';
import { Worker, type WorkerOptions } from './worker.js';

export interface WorkerServerOptions extends Omit<WorkerOptions, 'transport'> {
  /** How tensors come from other workers; RecvTensor over gRPC when left out. */
  readonly transport?: Transport | undefined;
  /** Default 127.0.0.1; any other needs credentials. */
  readonly host?: string | undefined;
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  readonly credentials?: ServerCredentials | undefined;
}

/** A worker that answers over gRPC. */
export interface WorkerServer extends GrpcServer {
  readonly worker: Worker;
}

/** Starts a worker. Its devices stay open when it is closed. Errors: ATTRIBUTE_INVALID, RUN_FAILED. */
export async function serveWorker(options: WorkerServerOptions): Promise<WorkerServer> {
  const { host, port, credentials, transport = new GrpcTransport(), ...rest } = options;
  const worker = new Worker({ ...rest, transport });
  const server = await serveGrpc(WorkerService, worker.handlers, {
    name: worker.name,
    host,
    port,
    credentials,
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
