import { MessageChannel } from 'node:worker_threads';
import { HostTensor } from '@tenon/core';
import { expect } from 'chai';
import { ThreadServer } from '../../src/transport/threads/thread-server.js';
import { ThreadTransport } from '../../src/transport/threads/thread-transport.js';
import { describeTransport } from './conformance.js';
import { keyOf, newTables, requestOf } from './setup.js';

const open = async () => {
  const { port1, port2 } = new MessageChannel();
  const tables = newTables();
  const server = new ThreadServer(port1, tables);
  const transport = new ThreadTransport(port2);
  return {
    transport,
    tables,
    kill: async () => server.close(),
    async close() {
      await transport.close();
      server.close();
    },
  };
};

describeTransport({ name: 'ports between threads', bytes: false, open });

const sharedFloats = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));

describe('memory between threads', () => {
  it('is handed over without a copy where it is shared', async () => {
    const pair = await open();
    const memory = sharedFloats(3);
    pair.tables.send('1', keyOf('e'), new HostTensor(memory, [3]));
    const received = await pair.transport.receive(requestOf('e'));
    memory[1] = 5;
    expect([...received.data]).to.deep.equal([0, 5, 0]);
    await pair.close();
  });

  it('that is not shared is copied once, and the copy moves over', async () => {
    const pair = await open();
    const memory = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    pair.tables.send('1', keyOf('e'), new HostTensor(memory, [2]));
    const { data } = await pair.transport.receive(requestOf('e'));
    memory[0] = 9;
    expect([...data]).to.deep.equal([2, 3]);
    expect([data.buffer.constructor, data.buffer.byteLength]).to.deep.equal([ArrayBuffer, 8]);
    expect([...memory]).to.deep.equal([9, 3]);
    await pair.close();
  });

  it('is written by the sender where the receiver gives shared memory', async () => {
    const pair = await open();
    const into = sharedFloats(3);
    pair.tables.send('1', keyOf('e'), new HostTensor(Float32Array.of(1, 2, 3), [3]));
    const received = await pair.transport.receive(requestOf('e', { into }));
    expect(received.data).to.equal(into);
    expect([...into]).to.deep.equal([1, 2, 3]);
    await pair.close();
  });

  it('that is shared stays untouched after its pull was cancelled', async () => {
    const pair = await open();
    const into = sharedFloats(3);
    const abort = new AbortController();
    const pull = pair.transport.receive(requestOf('e', { into, signal: abort.signal }));
    pair.tables.send('1', keyOf('e'), new HostTensor(Float32Array.of(1, 2, 3), [3]));
    abort.abort();
    await pull.then(
      () => expect.fail('it was cancelled'),
      () => {},
    );
    pair.tables.send('1', keyOf('f'), new HostTensor(Float32Array.of(4), [1]));
    await pair.transport.receive(requestOf('f'));
    expect([...into]).to.deep.equal([0, 0, 0]);
    await pair.close();
  });
});
