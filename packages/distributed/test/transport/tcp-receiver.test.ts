import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { hostTensor } from '@tenon/core';
import { expect } from 'chai';
import { encodeFrame } from '../../src/transport/tcp/frame.js';
import { encodeHeader } from '../../src/transport/tcp/messages.js';
import { TcpTransport } from '../../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../../src/transport/tcp/tensor-server.js';
import { ManualClock } from '../rendezvous/manual-clock.js';
import { rejection } from '../rendezvous/rejection.js';
import { incarnation, keyOf, newTables, requestOf, scalar, self, until } from './setup.js';
import { dataHead, header, hello, welcome } from './tcp-frames.js';

/** A sender that does what it is told to. */
async function scripted(script: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    script(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    peer: { host: '127.0.0.1', port, incarnation },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers the first bytes with a welcome and these bytes, then hangs up if told to. */
const answering = (bytes: readonly Uint8Array[], hangUp = false) =>
  scripted((socket) => {
    let frames = 0;
    socket.on('data', () => {
      frames++;
      if (frames === 1) socket.write(welcome);
      else if (frames === 2) {
        const all = Buffer.concat(bytes);
        if (hangUp) socket.end(all);
        else socket.write(all);
      }
    });
  });

describe('a receiver over TCP', () => {
  const hostile: readonly {
    what: string;
    bytes: readonly Uint8Array[];
    hangUp?: boolean;
    code: string;
  }[] = [
    {
      what: 'garbage',
      bytes: [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
      code: 'FORMAT_INVALID',
    },
    { what: 'a frame that is too long', bytes: [dataHead(2 ** 30)], code: 'FORMAT_INVALID' },
    {
      what: 'data without a tensor',
      bytes: [dataHead(4), Buffer.alloc(4)],
      code: 'FORMAT_INVALID',
    },
    { what: 'a second tensor', bytes: [header(8), header(8)], code: 'FORMAT_INVALID' },
    {
      what: 'more bytes than announced',
      bytes: [header(4), dataHead(8), Buffer.alloc(8)],
      code: 'FORMAT_INVALID',
    },
    {
      what: 'a shape that contradicts the bytes',
      bytes: [header(8, 1, [3])],
      code: 'FORMAT_INVALID',
    },
    {
      what: 'a shape of 2^53 elements',
      bytes: [header(8, 1, [2 ** 27, 2 ** 26])],
      code: 'FORMAT_INVALID',
    },
    { what: 'a tensor of 4 TB', bytes: [header(2 ** 42)], code: 'FORMAT_INVALID' },
    {
      what: 'an error that cannot be read',
      bytes: [encodeFrame('failure', 1, Buffer.from('{}'))],
      code: 'FORMAT_INVALID',
    },
    {
      what: 'an error that is no JSON',
      bytes: [encodeFrame('failure', 1, Buffer.from('{'))],
      code: 'FORMAT_INVALID',
    },
    { what: 'half a head', bytes: [header(8).subarray(0, 9)], hangUp: true, code: 'UNAVAILABLE' },
    {
      what: 'half a tensor',
      bytes: [header(8), dataHead(8), Buffer.alloc(4)],
      hangUp: true,
      code: 'UNAVAILABLE',
    },
    { what: 'a hello', bytes: [hello], code: 'FORMAT_INVALID' },
  ];
  for (const { what, bytes, hangUp, code } of hostile)
    it(`fails with ${code} when the sender sends ${what}${hangUp ? ' and dies' : ''}`, async () => {
      const sender = await answering(bytes, hangUp);
      const transport = new TcpTransport({ from: 'receiver', peer: () => sender.peer });
      expect((await rejection(transport.receive(requestOf('e')))).code).to.equal(code);
      await transport.close();
      await sender.close();
    });

  it('sets no memory aside for a tensor that was only announced', async () => {
    const bytes = 2 ** 32;
    const sender = await answering([header(bytes), dataHead(4), Buffer.alloc(4)]);
    const transport = new TcpTransport({ from: 'receiver', peer: () => sender.peer });
    const before = process.memoryUsage().arrayBuffers;
    const abort = new AbortController();
    const pull = rejection(transport.receive(requestOf('e', { signal: abort.signal })));
    const second = rejection(transport.receive(requestOf('f', { deadline: Date.now() + 100 })));
    expect((await second).code).to.equal('DEADLINE_EXCEEDED');
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(2 ** 26);
    abort.abort();
    expect((await pull).code).to.equal('RUN_ABORTED');
    await transport.close();
    await sender.close();
  });

  it('takes a tensor that comes byte by byte', async () => {
    const value = hostTensor([1.5, -2, 0.25], { dtype: 'bfloat16' });
    const halves = Uint8Array.of(0xc0, 0x3f, 0x00, 0xc0, 0x80, 0x3e);
    const bytes = Buffer.concat([
      encodeFrame(
        'tensor',
        1,
        encodeHeader({ dtype: 'bfloat16', wire: 'bfloat16', shape: [3], bytes: 6 }),
      ),
      dataHead(6),
      halves,
    ]);
    const sender = await scripted((socket) => {
      socket.setNoDelay(true);
      socket.once('data', () => {
        socket.write(welcome);
        socket.once('data', async () => {
          for (const byte of bytes)
            await new Promise<void>((resolve) =>
              socket.write(Uint8Array.of(byte), () => setImmediate(resolve)),
            );
        });
      });
    });
    const transport = new TcpTransport({ from: 'receiver', peer: () => sender.peer });
    expect((await transport.receive(requestOf('e'))).data).to.deep.equal(value.data);
    await transport.close();
    await sender.close();
  });

  it('notices that a connection is open on its side only', async () => {
    const clock = new ManualClock();
    const asked: number[] = [];
    const sender = await scripted((socket) => {
      socket.on('data', (bytes) => {
        asked.push(bytes.length);
        if (asked.length === 1) socket.write(welcome);
      });
    });
    const limits = { heartbeat: 100, silence: 300 };
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => sender.peer,
      clock,
      limits,
    });
    const pull = rejection(transport.receive(requestOf('e', { deadline: 100_000 })));
    await until(() => asked.length >= 2);
    clock.advance(299);
    clock.advance(1);
    const { code, message } = await pull;
    expect([code, /has been silent for 300 ms/.test(message)]).to.deep.equal(['UNAVAILABLE', true]);
    expect(clock.waiting).to.equal(0);
    await transport.close();
    await sender.close();
  });

  it('gives up a peer that takes the connection and says nothing', async () => {
    const sender = await scripted((socket) => socket.resume());
    const limits = { handshake: 30, retry: 0 };
    const transport = new TcpTransport({ from: 'receiver', peer: () => sender.peer, limits });
    const { code, message } = await rejection(transport.receive(requestOf('e')));
    expect(code).to.equal('UNAVAILABLE');
    expect(message).to.contain('did not answer within 30 ms');
    await transport.close();
    await sender.close();
  });

  it('waits for a peer that is not there yet, and says so when it never comes', async () => {
    const place = await scripted(() => {});
    await place.close();
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => place.peer,
      limits: { retry: 40 },
    });
    expect((await rejection(transport.receive(requestOf('e')))).code).to.equal('UNAVAILABLE');
    const patient = new TcpTransport({ from: 'receiver', peer: () => place.peer });
    const pull = patient.receive(requestOf('e'));
    const tables = newTables();
    tables.send('1', keyOf('e'), scalar(6));
    const server = await TensorServer.listen({ self, source: tables, port: place.peer.port });
    expect((await pull).item()).to.equal(6);
    await Promise.all([transport.close(), patient.close(), server.close()]);
  });

  it('connects again after its peer was restarted, and only to the life that it was told of', async () => {
    const first = await TensorServer.listen({ self, source: newTables() });
    let peer = { ...first.address, incarnation };
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => peer,
      limits: { retry: 0 },
    });
    const waits = rejection(transport.receive(requestOf('never')));
    await until(() => first.connections === 1);
    await first.close();
    expect((await waits).code).to.equal('UNAVAILABLE');
    const tables = newTables('18');
    const second = await TensorServer.listen({
      self: { ...self, incarnation: '18' },
      source: tables,
      port: peer.port,
    });
    expect((await rejection(transport.receive(requestOf('e')))).code).to.equal('ABORTED');
    peer = { ...second.address, incarnation: '18' };
    tables.send('1', keyOf('e', '18'), scalar(2));
    expect((await transport.receive(requestOf('e', { key: keyOf('e', '18') }))).item()).to.equal(2);
    await transport.close();
    await second.close();
  });

  it('uses one connection for all pulls, and leaves none behind', async () => {
    const tables = newTables();
    const server = await TensorServer.listen({ self, source: tables });
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => ({ ...server.address, incarnation }),
    });
    const pulls = Array.from({ length: 50 }, (_, i) => transport.receive(requestOf(`e${i}`)));
    for (let i = 0; i < 50; i++) tables.send('1', keyOf(`e${i}`), scalar(i));
    await Promise.all(pulls);
    expect(server.connections).to.equal(1);
    await transport.close();
    await until(() => server.connections === 0);
    await server.close();
  });

  it('says so when another worker is at the address', async () => {
    const server = await TensorServer.listen({
      self: { ...self, worker: 'other' },
      source: newTables(),
    });
    const transport = new TcpTransport({
      from: 'receiver',
      peer: () => ({ ...server.address, incarnation }),
      limits: { retry: 0 },
    });
    expect((await rejection(transport.receive(requestOf('e')))).message).to.contain(
      'is not at its address; other is',
    );
    await transport.close();
    await server.close();
  });
});
