import type { ServerCredentials } from '@grpc/grpc-js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import { type GrpcServer, serveGrpc } from '../protocol/grpc-server.js';
import { Master, type MasterOptions } from './master.js';

export interface MasterServerOptions extends MasterOptions {
  /** Default 127.0.0.1; any other needs credentials. */
  readonly host?: string | undefined;
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  readonly credentials?: ServerCredentials | undefined;
}

/** A master that answers over gRPC. */
export interface MasterServer extends GrpcServer {
  readonly master: Master;
}

// Several in each lease, so that one that is late does no harm.
const heartbeatMs = 1000;

/** Starts a master over workers, which may start later. Errors: ATTRIBUTE_INVALID, RUN_FAILED. */
export async function serveMaster(options: MasterServerOptions): Promise<MasterServer> {
  const { host, port, credentials, ...rest } = options;
  const master = new Master(rest);
  const server = await serveGrpc(MasterService, master.handlers, {
    name: master.name,
    host,
    port,
    credentials,
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
