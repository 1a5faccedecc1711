import { expect } from 'chai';
import type { RendezvousTables } from '../../src/rendezvous/index.js';
import { GrpcTensorServer } from '../../src/transport/grpc/grpc-tensor-server.js';
import { GrpcTransport } from '../../src/transport/grpc/grpc-transport.js';
import {
  checkBinding,
  isLoopback,
  type MutualTls,
  newToken,
  type Security,
  tokenMatches,
} from '../../src/transport/security.js';
import { TcpTransport } from '../../src/transport/tcp/tcp-transport.js';
import { TensorServer } from '../../src/transport/tcp/tensor-server.js';
import type { Transport } from '../../src/transport/transport.js';
import { rejection } from '../rendezvous/rejection.js';
import { certificates } from './certificates.js';
import { incarnation, keyOf, newTables, requestOf, scalar, self } from './setup.js';

interface Ends {
  readonly server: { close(): Promise<void> };
  readonly transport: Transport;
}

type Connect = (source: RendezvousTables, sender: Security, receiver: Security) => Promise<Ends>;

const ways: Readonly<Record<string, Connect>> = {
  async TCP(source, sender, receiver) {
    const server = await TensorServer.listen({ self, source, security: sender });
    const peer = { ...server.address, incarnation };
    const options = { peer: () => peer, security: receiver, limits: { retry: 0 } };
    return { server, transport: new TcpTransport({ from: 'receiver', ...options }) };
  },
  async gRPC(source, sender, receiver) {
    const server = await GrpcTensorServer.listen({ self, source, security: sender });
    const peer = { ...server.address, incarnation };
    const options = { peer: () => peer, security: receiver, limits: { retry: 0 } };
    return { server, transport: new GrpcTransport(options) };
  },
};

/** What a receiver with the one security gets from a sender with the other. */
async function pulled(connect: Connect, sender: Security, receiver: Security): Promise<string> {
  const tables = newTables();
  tables.send('1', keyOf('e'), scalar(1));
  const { server, transport } = await connect(tables, sender, receiver);
  try {
    const { code } = await rejection(transport.receive(requestOf('e')));
    return code === 'none' ? 'value' : code;
  } finally {
    await transport.close();
    await server.close();
  }
}

describe('security of transports', () => {
  it('knows which addresses are reached from this machine only', () => {
    const local = ['127.0.0.1', '127.8.8.8', '::1', 'localhost'];
    const others = [
      '0.0.0.0',
      '::',
      '10.0.0.1',
      '128.0.0.1',
      '::ffff:10.0.0.1',
      'worker-0',
      '127.0.0.1.example',
    ];
    expect([...local, ...others].filter(isLoopback)).to.deep.equal(local);
  });

  it('refuses to listen off loopback without TLS or a token, and says how to', async () => {
    const options = { self, source: newTables(), host: '0.0.0.0' };
    const grpc = await rejection(GrpcTensorServer.listen(options));
    const refused = await rejection(TensorServer.listen(options));
    expect([grpc.code, refused.code]).to.deep.equal(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(refused.message).to.match(/refuses to listen on 0\.0\.0\.0.*\n.*mutual TLS.*token/);
    expect(() => checkBinding('0.0.0.0', { token: newToken() }, 'test')).not.to.throw();
  });

  it('refuses tokens that can be guessed, and TLS without certificates', () => {
    for (const security of [
      { token: '' },
      { token: 'short' },
      { token: 'with a space in between' },
      { tls: { ca: '', cert: '', key: '' } },
      { tls: { ca: '-----BEGIN ', cert: '-----BEGIN ', key: '-----BEGIN ' } },
      { tls: { cert: '-----BEGIN ', key: '-----BEGIN ' } as MutualTls },
    ])
      expect(() => checkBinding('0.0.0.0', security, 'test')).to.throw(/ATTRIBUTE_INVALID/);
  });

  it('compares whole tokens', () => {
    const token = newToken();
    const shown = [token, `${token}x`, token.slice(1), '', undefined, newToken()];
    expect(shown.map((text) => tokenMatches(token, text))).to.deep.equal([
      true,
      ...new Array(5).fill(false),
    ]);
    expect(tokenMatches(undefined, undefined)).to.equal(true);
  });
});

for (const [name, connect] of Object.entries(ways)) {
  const pullBetween = (sender: Security, receiver: Security) => pulled(connect, sender, receiver);
  describe(`security over ${name}`, () => {
    it('lets in who shows the token of the run, and no one else', async () => {
      const token = newToken();
      expect(await pullBetween({ token }, { token })).to.equal('value');
      expect(await pullBetween({ token }, { token: newToken() })).to.equal('UNAUTHENTICATED');
      expect(await pullBetween({ token }, {})).to.equal('UNAUTHENTICATED');
    });

    describe('with mutual TLS', () => {
      let ours: Awaited<ReturnType<typeof certificates>>;
      let theirs: Awaited<ReturnType<typeof certificates>>;
      before(async () => {
        [ours, theirs] = await Promise.all([certificates(), certificates()]);
      });
      const refusals = ['UNAUTHENTICATED', 'UNAVAILABLE'];

      it('moves tensors between processes of one authority', async () => {
        expect(await pullBetween({ tls: ours.sender }, { tls: ours.receiver })).to.equal('value');
      });

      it('asks for the token too where there is one', async () => {
        const token = newToken();
        const [sender, receiver] = [{ tls: ours.sender, token }, { tls: ours.receiver }];
        expect(await pullBetween(sender, receiver)).to.equal('UNAUTHENTICATED');
        expect(await pullBetween(sender, { ...receiver, token })).to.equal('value');
      });

      it('refuses a sender of another authority', async () => {
        expect(await pullBetween({ tls: theirs.sender }, { tls: ours.receiver })).to.equal(
          'UNAUTHENTICATED',
        );
      });

      it('refuses a receiver of another authority', async () => {
        const stranger = { ...theirs.receiver, ca: ours.receiver.ca };
        expect(await pullBetween({ tls: ours.sender }, { tls: stranger })).to.be.oneOf(refusals);
      });

      it('refuses a sender whose certificate is made out to another name', async () => {
        const named = { ...ours.receiver, serverName: 'other.cluster' };
        expect(await pullBetween({ tls: ours.sender }, { tls: named })).to.equal('UNAUTHENTICATED');
        const right = { ...ours.receiver, serverName: 'worker.cluster' };
        expect(await pullBetween({ tls: ours.sender }, { tls: right })).to.equal('value');
      });

      it('refuses a receiver without TLS', async () => {
        expect(await pullBetween({ tls: ours.sender }, {})).to.be.oneOf(refusals);
      });
    });
  });
}
