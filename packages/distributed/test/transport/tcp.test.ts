import { TcpTransport } from '../../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../../src/transport/tcp/tensor-server.js';
import { describeTransport } from './conformance.js';
import { incarnation, newTables, self } from './setup.js';

describeTransport({
  name: 'TCP',
  bytes: true,
  async open({ limits = {}, incarnation: life = incarnation } = {}) {
    const tables = newTables(life);
    const server = await TensorServer.listen({
      self: { ...self, incarnation: life },
      source: tables,
    });
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => ({ ...server.address, incarnation }),
      limits: { retry: 0, ...limits },
    });
    return {
      transport,
      tables,
      kill: () => server.close(),
      async close() {
        await transport.close();
        await server.close();
      },
    };
  },
});
