import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add } from '@tenon/core';
import { expect } from 'chai';
import { askHeartbeat } from '../../src/heartbeat/ask-heartbeat.js';
import { HeartbeatServer } from '../../src/heartbeat/heartbeat-server.js';
import { createLocalCluster, isAlive, living, type Member, membersOf } from '../../src/index.js';
import { newToken, type Security } from '../../src/transport/security.js';
import { failure } from '../failure.js';
import { rejection } from '../rendezvous/rejection.js';
import { certificates } from '../transport/certificates.js';

const self = { worker: '/job:ps/replica:0/task:0', incarnation: '17' };

describe('a heartbeat thread', () => {
  let server: HeartbeatServer | undefined;

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  /** How a worker with one security answers an asker with another. */
  const asked = async (own: Security = {}, security: Security = {}, incarnation = '17') => {
    server = await HeartbeatServer.listen({ self, security: own });
    const { worker } = self;
    const { port } = server;
    const at = { host: '127.0.0.1', port, worker, incarnation };
    return (await rejection(askHeartbeat({ ...at, timeoutMs: 10_000, security }))).code;
  };

  it('answers who asks for the life that it is in', async () => {
    expect(await asked()).to.equal('none');
  });

  it('tells of another life', async () => {
    expect(await asked({}, {}, '16')).to.equal('ABORTED');
  });

  it('asks for the token of the run, where there is one', async () => {
    const token = newToken();
    expect(await asked({ token }, { token })).to.equal('none');
    await server?.close();
    expect(await asked({ token }, { token: newToken() })).to.equal('UNAUTHENTICATED');
    await server?.close();
    expect(await asked({ token })).to.equal('UNAUTHENTICATED');
  });

  it('speaks TLS with those who show a certificate of the same authority', async () => {
    const { sender, receiver } = await certificates();
    expect(await asked({ tls: sender }, { tls: receiver })).to.equal('none');
    await server?.close();
    const { receiver: stranger } = await certificates();
    expect(await asked({ tls: sender }, { tls: stranger })).to.equal('UNAVAILABLE');
  });

  it('does not listen off loopback without asking who asks', async () => {
    const { code } = await rejection(HeartbeatServer.listen({ self, host: '0.0.0.0' }));
    expect(code).to.equal('UNAUTHENTICATED');
  });

  it('says that its port is taken', async () => {
    server = await HeartbeatServer.listen({ self });
    const { port } = server;
    const { code, message } = await rejection(HeartbeatServer.listen({ self, port }));
    expect([code, message]).to.deep.equal(['RUN_FAILED', message]);
    expect(message).to.contain(`can not answer heartbeats on 127.0.0.1:${port}`);
  });

  it('is given up at the deadline when who listens says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const at = { host: '127.0.0.1', port, ...self, timeoutMs: 50 };
    const { code, message } = await rejection(askHeartbeat(at));
    silent.close();
    expect(code).to.equal('UNAVAILABLE');
    expect(message).to.contain('did not answer the heartbeat within 50 ms');
  });
});

describe('a worker process', function () {
  this.timeout(60_000);

  it('lives while its main thread computes, and does not when it was killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenon-heartbeat-'));
    const gate = join(folder, 'open');
    process.env.TENON_TEST_GATE = gate;
    const devices = new URL('./blocking-devices.ts', import.meta.url);
    const cluster = await createLocalCluster({ tasks: 'processes', devices });
    const [member] = membersOf(cluster.addresses) as [Member];
    try {
      const seen = await living(member, 10_000);
      const run = cluster.session().run(add(1, 2));
      const status = () => member.connection.calls.getStatus({}, { timeoutMs: 200 });
      // The thread that computes answers nothing any more.
      for (let code = ''; code !== 'DEADLINE_EXCEEDED'; )
        code =
          (
            await status().then(
              () => undefined,
              (error) => error,
            )
          )?.code ?? '';
      expect(await isAlive(seen, { timeoutMs: 20_000 })).to.equal(true);
      await writeFile(gate, '');
      expect((await run).item()).to.equal(3);
      await cluster.kill('worker', 0);
      expect(await isAlive(seen, { timeoutMs: 20_000 })).to.equal(false);
      expect((await failure(status())).code).to.equal('UNAVAILABLE');
    } finally {
      delete process.env.TENON_TEST_GATE;
      member.connection.close();
      await cluster.close();
      await rm(folder, { recursive: true });
    }
  });
});
