import { expect } from 'chai';
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
import { rejection } from '../rendezvous/rejection.js';
import { certificates } from './certificates.js';
import { incarnation, keyOf, newTables, requestOf, scalar, self } from './setup.js';

/** What a receiver with the one security gets from a sender with the other. */
async function pullBetween(sender: Security, receiver: Security): Promise<string> {
  const tables = newTables();
  tables.send('1', keyOf('e'), scalar(1));
  const server = await TensorServer.listen({ self, source: tables, security: sender });
  const transport = new TcpTransport({
    from: 'receiver',
    peer: () => ({ ...server.address, incarnation }),
    security: receiver,
    limits: { retry: 0 },
  });
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
    const refused = await rejection(
      TensorServer.listen({ self, source: newTables(), host: '0.0.0.0' }),
    );
    expect(refused.code).to.equal('UNAUTHENTICATED');
    expect(refused.message).to.match(/refuses to listen on 0\.0\.0\.0.*\n.*mutual TLS.*token/);
    expect(() => checkBinding('0.0.0.0', { token: newToken() }, 'test')).not.to.throw();
  });

  it('refuses tokens that can be guessed, and TLS without certificates', () => {
    for (const security of [
      { token: '' },
      { token: 'short' },
      { token: 'with a space in between' },
      { tls: { ca: '', cert: '', key: '' } },
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
