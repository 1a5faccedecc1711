import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { encodeFrame } from '../../src/transport/tcp/frame.js';
import { encodeJson } from '../../src/transport/tcp/messages.js';
import { TcpTransport } from '../../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../../src/transport/tcp/tensor-server.js';
import { incarnation, keyOf, newTables, ramp, requestOf, scalar, self, until } from './setup.js';
import { dataHead, hello } from './tcp-frames.js';

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
    {
      what: 'packets, which it takes none of',
      bytes: [encodeFrame('hello', 0, encodeJson({ worker: 'x', packets: true }))],
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
