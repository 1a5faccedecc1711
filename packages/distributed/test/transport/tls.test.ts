import type { MutualTls } from '../../src/transport/security.js';
import { TcpTransport } from '../../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../../src/transport/tcp/tensor-server.js';
import { certificates } from './certificates.js';
import { describeTransport } from './conformance.js';
import { incarnation, newTables, self } from './setup.js';

let made: Promise<{ sender: MutualTls; receiver: MutualTls }> | undefined;

describeTransport({
  name: 'TLS',
  bytes: true,
  async open({ limits = {}, incarnation: life = incarnation } = {}) {
    made ??= certificates();
    const { sender, receiver } = await made;
    const tables = newTables(life);
    const server = await TensorServer.listen({
      self: { ...self, incarnation: life },
      source: tables,
      security: { tls: sender },
    });
    const peer = { ...server.address, incarnation };
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => peer,
      security: { tls: receiver },
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
