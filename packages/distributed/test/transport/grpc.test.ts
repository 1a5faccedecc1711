import { GrpcTensorServer } from '../../src/transport/grpc/grpc-tensor-server.js';
import { GrpcTransport } from '../../src/transport/grpc/grpc-transport.js';
import { describeTransport } from './conformance.js';
import { incarnation, newTables, self } from './setup.js';

describeTransport({
  name: 'gRPC',
  bytes: true,
  async open({ limits = {}, incarnation: life = incarnation } = {}) {
    const source = newTables(life);
    const server = await GrpcTensorServer.listen({ self: { ...self, incarnation: life }, source });
    const peer = { ...server.address, incarnation };
    const transport = new GrpcTransport({ peer: () => peer, limits });
    return {
      transport,
      tables: source,
      kill: () => server.close(),
      async close() {
        await transport.close();
        await server.close();
      },
    };
  },
});
