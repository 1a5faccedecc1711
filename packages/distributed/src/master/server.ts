import { MasterService, WorkerService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import { type GrpcServer, type ListenOptions, serveGrpc } from '../protocol/grpc-server.js';
import { Master, type MasterOptions } from './master.js';
import type { Member } from './members/member.js';

export interface MasterServerOptions extends MasterOptions, ListenOptions {}

/** A master that answers over gRPC. */
export interface MasterServer extends GrpcServer {
  readonly master: Master;
}

// Several in each lease, so that one that is late does no harm.
const heartbeatMs = 1000;

/** Starts a master over workers, which may start later. Errors: UNAUTHENTICATED, ATTRIBUTE_INVALID, RUN_FAILED. */
export async function serveMaster(options: MasterServerOptions): Promise<MasterServer> {
  const { host, port, security, messageBytes, ...rest } = options;
  const connect = (task: Pick<Member, 'name' | 'address'>) =>
    grpcConnection(WorkerService, { ...task, security });
  const master = new Master({ connect, ...rest });
  const server = await serveGrpc(MasterService, master.handlers, {
    name: master.name,
    host,
    port,
    security,
    messageBytes,
  });
  const keeping = setInterval(() => void master.keepAlive().catch(() => {}), heartbeatMs).unref();
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
