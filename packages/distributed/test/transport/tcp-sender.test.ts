import { once } from 'node:events';
import { connect } from 'node:net';
import { HostTensor } from '@tenon/core';
import { expect } from 'chai';
import { encodeFrame, encodeHead } from '../../src/transport/tcp/frame.js';
import { encodeJson } from '../../src/transport/tcp/messages.js';
import { TcpTransport } from '../../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../../src/transport/tcp/tensor-server.js';
import { incarnation, keyOf, newTables, ramp, requestOf, scalar, self, until } from './setup.js';

const hello = encodeFrame('hello', 0, encodeJson({ worker: 'receiver' }));
const dataHead = (length: number, request = 1) => encodeHead({ kind: 'data', request, length });

describe('a sender over TCP', () => {
  const stranger = (port: number) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => socket.destroy());
    socket.resume();
    return socket;
  };
  const pull = (number: number, key: string) => {
    const names = [Buffer.from('1'), Buffer.from(key)];
    const head = Buffer.alloc(8);
    head.writeUInt32LE(60_000, 0);
    names.forEach((name, i) => head.writeUInt16LE(name.length, 4 + 2 * i));
    return encodeFrame('pull', number, Buffer.concat([head, ...names]));
  };
  const cases: readonly { what: string; bytes: readonly Uint8Array[] }[] = [
    { what: 'garbage', bytes: [Buffer.from('GET / HTTP/1.1\r\n\r\n')] },
    { what: 'a pull before its hello', bytes: [pull(1, 'k')] },
    { what: 'a second hello', bytes: [hello, hello] },
    { what: 'a hello that is no JSON', bytes: [encodeFrame('hello', 0, Buffer.from('x'))] },
    {
      what: 'a hello with unknown fields',
      bytes: [encodeFrame('hello', 0, encodeJson({ worker: 'x', admin: true }))],
    },
    {
      what: 'the same request twice',
      bytes: [hello, pull(1, keyOf('never')), pull(1, keyOf('never'))],
    },
    { what: 'a pull that is cut short', bytes: [hello, encodeFrame('pull', 1, Buffer.alloc(5))] },
    {
      what: 'names that do not fill a pull',
      bytes: [hello, encodeFrame('pull', 1, Buffer.alloc(50))],
    },
    { what: 'data', bytes: [hello, dataHead(4), Buffer.alloc(4)] },
    { what: 'too many pulls', bytes: [hello, ...[1, 2, 3, 4].map((i) => pull(i, keyOf(`n${i}`)))] },
  ];
  for (const { what, bytes } of cases)
    it(`hangs up on ${what}, forgets the peer's pulls and serves the others`, async () => {
      const tables = newTables();
      const server = await TensorServer.listen({ self, source: tables, limits: { pulls: 3 } });
      const socket = stranger(server.address.port);
      socket.write(Buffer.concat(bytes));
      await once(socket, 'close');
      await until(() => server.connections === 0);
      await until(() => tables.step('1').open.length === 0);
      const transport = new TcpTransport({
        from: 'receiver',
        peer: () => ({ ...server.address, incarnation }),
      });
      tables.send('1', keyOf('e'), scalar(1));
      expect((await transport.receive(requestOf('e'))).item()).to.equal(1);
      await transport.close();
      await server.close();
    });

  it('hangs up on who does not say hello in time', async () => {
    const server = await TensorServer.listen({
      self,
      source: newTables(),
      limits: { handshake: 20 },
    });
    await once(stranger(server.address.port), 'close');
    await server.close();
  });

  it('hands little to a socket whose peer does not read', async () => {
    const tables = newTables();
    const server = await TensorServer.listen({ self, source: tables });
    const socket = connect({ port: server.address.port, host: '127.0.0.1' });
    socket.on('error', () => socket.destroy());
    socket.pause();
    const value = new HostTensor(new Float32Array(2_000_000), [2_000_000]);
    for (let i = 0; i < 20; i++) tables.send('1', keyOf(`e${i}`), value);
    const before = process.memoryUsage().arrayBuffers;
    socket.write(
      Buffer.concat([hello, ...Array.from({ length: 20 }, (_, i) => pull(i + 1, keyOf(`e${i}`)))]),
    );
    await until(() => tables.step('1').open.length === 0);
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(2 ** 24);
    socket.destroy();
    await until(() => server.connections === 0);
    await server.close();
  });

  it('lets small tensors pass large ones', async () => {
    const tables = newTables();
    const server = await TensorServer.listen({ self, source: tables });
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => ({ ...server.address, incarnation }),
    });
    tables.send('1', keyOf('large'), ramp(20_000_000));
    tables.send('1', keyOf('small'), scalar(1));
    const order: string[] = [];
    await Promise.all(
      ['large', 'small'].map((edge) =>
        transport.receive(requestOf(edge)).then(() => order.push(edge)),
      ),
    );
    expect(order).to.deep.equal(['small', 'large']);
    await transport.close();
    await server.close();
  });
});
