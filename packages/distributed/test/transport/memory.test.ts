import { MemoryTransport } from '../../src/transport/memory-transport.js';
import { describeTransport } from './conformance.js';
import { newTables, worker } from './setup.js';

describeTransport({
  name: 'the memory of one thread',
  bytes: false,
  async open() {
    const tables = newTables();
    const transport = new MemoryTransport((name) => (name === worker ? tables : undefined));
    return {
      transport,
      tables,
      kill: async () => tables.close(),
      close: () => transport.close(),
    };
  },
});
