import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { type HostTensor, hostTensor, js } from '@tenon/core';
import { expect } from 'chai';
import { newToken, type Security, serveWorker, type WorkerServer } from '../../src/index.js';
import { TrainingMessageSchema } from '../../src/protocol/gen/distributed_pb.js';
import type { Channel, Packet } from '../../src/training/channel/channel.js';
import { dialTask } from '../../src/training/channel/dial-task.js';
import { dialTcp } from '../../src/training/channel/tcp-channel.js';
import { encodeFrame, encodeHead } from '../../src/transport/tcp/frame.js';
import { encodeJson } from '../../src/transport/tcp/messages.js';
import { certificates } from '../transport/certificates.js';

/** One end of a channel, with all that it has heard. */
class End {
  readonly packets: Packet[] = [];
  readonly channel: Channel;
  closed = 0;
  private heard: () => void = () => {};

  constructor(channel: Channel) {
    this.channel = channel;
    channel.listen({
      packet: (packet) => {
        this.packets.push(packet);
        this.heard();
      },
      closed: () => {
        this.closed++;
        this.heard();
      },
    });
  }

  async until(condition: (end: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.heard = resolve;
      });
    }
  }
}

const ramp = (size: number): HostTensor =>
  hostTensor(Float32Array.from({ length: size }, (_, i) => i));

const token = newToken();
const kinds = {
  TCP: async () => ({ ours: { token }, theirs: { token }, dataPlane: 'tcp' }),
  TLS: async () => {
    const { sender, receiver } = await certificates();
    return { ours: { tls: sender, token }, theirs: { tls: receiver, token }, dataPlane: 'tcp' };
  },
  gRPC: async () => ({ ours: { token }, theirs: { token }, dataPlane: 'grpc' }),
} satisfies Record<
  string,
  () => Promise<{ ours: Security; theirs: Security; dataPlane: 'tcp' | 'grpc' }>
>;

for (const [kind, made] of Object.entries(kinds)) {
  describe(`channels of training over ${kind}`, () => {
    let server: WorkerServer;
    let security: Security;
    let accepted: Promise<End>;

    beforeEach(async () => {
      const { ours, theirs, dataPlane } = await made();
      const devices = [js()];
      server = await serveWorker({ job: 'ps', task: 0, devices, security: ours, dataPlane });
      security = theirs;
      accepted = new Promise((resolve) => {
        server.worker.training.accept = (channel) => resolve(new End(channel));
      });
    });
    afterEach(() => server.close());

    it('carry packets in their order, whatever the sizes of their tensors', async () => {
      const one = new End(dialTask(server.address, security));
      const sizes = [[], [0], [3, 0, 2 ** 18, 1], [2 ** 20 + 7], [5]];
      const sent = sizes.map((own, number) => ({ body: { number }, tensors: own.map(ramp) }));
      // The first are on their way before the channel is found.
      for (const { body, tensors } of sent) one.channel.send(body, tensors);
      const other = await accepted;
      await other.until(({ packets }) => packets.length === sent.length);
      expect(other.packets).to.deep.equal(sent);
      expect(other.channel.constructor.name).to.equal(
        kind === 'gRPC' ? 'GrpcChannel' : 'TcpChannel',
      );
      for (const { body, tensors } of other.packets) other.channel.send(body as object, tensors);
      await one.until(({ packets }) => packets.length === sent.length);
      expect(one.packets).to.deep.equal(sent);
      one.channel.close();
      await other.until(({ closed }) => closed > 0);
      expect([one.closed, other.closed]).to.deep.equal([0, 1]);
    });

    it('take what was said before the end along, and tell of the end once', async () => {
      const one = new End(dialTask(server.address, security));
      one.channel.send({ hello: true });
      const other = await accepted;
      await other.until(({ packets }) => packets.length > 0);
      other.channel.send({ last: true }, [ramp(2 ** 19)]);
      other.channel.close();
      other.channel.send({ late: true });
      await one.until(({ closed }) => closed > 0);
      expect(one.packets).to.deep.equal([{ body: { last: true }, tensors: [ramp(2 ** 19)] }]);
      one.channel.send({ late: true });
      one.channel.close();
      await wait(50);
      expect([one.closed, other.closed, other.packets.length]).to.deep.equal([1, 0, 1]);
    });

    it('end with the task', async () => {
      const one = new End(dialTask(server.address, security));
      one.channel.send({});
      await accepted;
      await server.close();
      await one.until(({ closed }) => closed > 0);
    });

    it('close soon where nobody is, or where who dials is a stranger', async () => {
      for (const [address, shown] of [
        ['127.0.0.1:1', security],
        [server.address, { ...security, token: newToken() }],
      ] as const) {
        const one = new End(dialTask(address, shown));
        one.channel.send({});
        await one.until(({ closed }) => closed > 0);
        expect(one.packets).to.deep.equal([]);
      }
    });

    it('that are given up before they are found reach nobody', async () => {
      const channel = dialTask(server.address, security);
      channel.send({ given: 'up' });
      channel.close();
      const one = new End(dialTask(server.address, security));
      one.channel.send({});
      await (await accepted).until(({ packets }) => packets.length > 0);
      expect((await accepted).packets[0]?.body).to.deep.equal({});
      one.channel.close();
    });
  });
}

describe('a data port that is dialled', () => {
  const closes = async (channel: Channel): Promise<void> => {
    const one = new End(channel);
    one.channel.send({});
    await one.until(({ closed }) => closed > 0);
    expect(one.packets).to.deep.equal([]);
  };

  it('is left where a token is wrong, a certificate is a stranger, or the task another one', async () => {
    const [ours, theirs] = await Promise.all([certificates(), certificates()]);
    const security = { token, tls: ours.sender };
    const server = await serveWorker({ job: 'ps', task: 0, devices: [js()], security });
    try {
      const { worker, incarnation } = server.worker.self;
      const { port } = server.worker.ports.data as { port: number };
      const peer = { worker, incarnation, host: '127.0.0.1', port };
      const mine = { token, tls: ours.receiver };
      server.worker.training.accept = (channel) => new End(channel).channel.send({});
      await closes(dialTcp(peer, { ...mine, token: newToken() }));
      await closes(dialTcp(peer, { token, tls: theirs.receiver }));
      await closes(dialTcp({ ...peer, incarnation: 'before' }, mine));
      await closes(dialTcp({ ...peer, worker: '/job:ps/replica:0/task:1' }, mine));
      const one = new End(dialTcp(peer, mine));
      one.channel.send({});
      await one.until(({ packets }) => packets.length > 0);
      one.channel.close();
    } finally {
      await server.close();
    }
  });

  it('that accepts and says nothing is left after a while', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const peer = { worker: 'w', incarnation: 'i', host: '127.0.0.1', port };
    await closes(dialTcp(peer, {}, { handshake: 100 }));
    silent.close();
  });
});

describe('a data port that hears packets', () => {
  const hello = (shown: string) =>
    encodeFrame('hello', 0, encodeJson({ worker: '', token: shown, packets: true }));
  const packet = (bytes: bigint) => {
    const tensors = [{ dtype: 8, wire: 8, shape: [bytes / 4n], bytes }];
    const message = create(TrainingMessageSchema, { body: '{}', tensors });
    return encodeFrame('packet', 0, toBinary(TrainingMessageSchema, message));
  };
  const data = (length: number) => [
    encodeHead({ kind: 'data', request: 0, length }),
    Buffer.alloc(length),
  ];
  const cases = {
    'a wrong token': [hello(newToken())],
    'a packet before its hello': [packet(0n)],
    'a large packet before its hello, at its head': [
      encodeHead({ kind: 'packet', request: 0, length: 2 ** 26 }),
    ],
    'data of no packet': [hello(token), ...data(4)],
    'more data than was announced': [hello(token), packet(8n), ...data(12)],
    'a packet in the midst of another': [hello(token), packet(8n), packet(0n)],
    'a tensor above the limit': [hello(token), packet(2n ** 33n)],
    'a packet that is no message': [hello(token), encodeFrame('packet', 0, Buffer.from('{}'))],
    'a pull': [hello(token), encodeFrame('pull', 1, Buffer.alloc(8))],
    'a first packet that says nothing that a task knows': [hello(token), packet(0n)],
  };
  for (const [what, bytes] of Object.entries(cases))
    it(`hangs up on ${what}`, async () => {
      const security = { token };
      const limits = { handshake: 60_000 };
      const server = await serveWorker({ job: 'ps', task: 0, devices: [js()], security, limits });
      try {
        const socket = connect({
          host: '127.0.0.1',
          port: server.worker.ports.data?.port as number,
        });
        socket.on('error', () => socket.destroy());
        socket.resume();
        socket.write(Buffer.concat(bytes));
        await once(socket, 'close');
        expect(server.worker.training.count).to.equal(0);
      } finally {
        await server.close();
      }
    });
});
