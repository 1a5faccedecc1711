import { MasterService } from '../protocol/gen/distributed_pb.js';
import { type GrpcServer, type ListenOptions, serveGrpc } from '../protocol/grpc-server.js';
import { Master, type MasterOptions } from './master.js';

export interface MasterServerOptions extends MasterOptions, ListenOptions {}

/** A master that answers over gRPC. */
export interface MasterServer extends GrpcServer {
  readonly master: Master;
}

/** Starts a master over workers, which may start later. Errors: UNAUTHENTICATED, ATTRIBUTE_INVALID, RUN_FAILED. */
export async function serveMaster(options: MasterServerOptions): Promise<MasterServer> {
  const { host, port, security, messageBytes, ...rest } = options;
  const master = new Master(rest);
  const server = await serveGrpc(MasterService, master.handlers, {
    name: master.name,
    host,
    port,
    security,
    messageBytes,
  });
  const period = Math.max(1000, (options.timeToLiveMs ?? 600_000) / 4);
  const keeping = setInterval(() => void master.keepAlive(), period).unref();
  return {
    master,
    address: server.address,
    async close() {
      clearInterval(keeping);
      await master.close();
      await server.close();
    },
  };
}
