import { connect } from 'node:http2';
import { createConnection } from 'node:net';
import { add, assign, mul, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import {
  ClusterSession,
  grpcConnection,
  MasterService,
  newToken,
  type Security,
  serveMaster,
  serveWorker,
  WorkerService,
} from '../../src/index.js';
import { failure } from '../failure.js';
import { certificates } from '../transport/certificates.js';
import { type SecuredCluster, securedCluster } from './secured-cluster.js';

/** Takes all processes: the worker fetches the variable from the server, which gets the update. */
async function trains(session: ClusterSession): Promise<void> {
  const w = withDevice('/job:ps/task:0', () => variable([1, 2]));
  const scaled = withDevice('/job:worker/task:0', () => mul(w, 10));
  const value = await session.run(assign(w, add(w, scaled)));
  expect(value.array()).to.deep.equal([11, 22]);
}

/** The error code of each method of a service when it is called with nothing in the request. */
async function codes(
  service: typeof MasterService | typeof WorkerService,
  address: string,
  security: Security,
): Promise<Record<string, string>> {
  const { calls, close } = grpcConnection(service, { address, name: 'server', security });
  const found: Record<string, string> = {};
  for (const [method, call] of Object.entries(calls)) {
    const ended = (call as (request: object) => Promise<unknown>)({});
    found[method] = await ended.then(
      () => 'answered',
      ({ code }) => code as string,
    );
  }
  close();
  return found;
}

const everyMethod = (service: { readonly method: object }, code: string) =>
  Object.fromEntries(Object.keys(service.method).map((name) => [name, code]));

describe('security of masters and workers', () => {
  let cluster: SecuredCluster;
  afterEach(() => cluster?.close());

  describe('with a token', () => {
    const token = newToken();
    beforeEach(async () => {
      cluster = await securedCluster({ security: { token } });
    });

    it('works for who has it, between the processes too', () => trains(cluster.session()));

    it('answers no method without it, or with another', async () => {
      const services = [
        [MasterService, cluster.master],
        [WorkerService, cluster.worker],
      ] as const;
      for (const [service, { address }] of services) {
        for (const security of [{}, { token: newToken() }, { token: `${token}x` }]) {
          expect(await codes(service, address, security)).to.deep.equal(
            everyMethod(service, 'UNAUTHENTICATED'),
          );
        }
        const known = Object.values(await codes(service, address, { token }));
        expect(known).not.to.include('UNAUTHENTICATED');
      }
    });

    it('calls no handler for who does not have it', async () => {
      const called: string[] = [];
      const { handlers } = cluster.worker.worker;
      for (const name of Object.keys(handlers) as (keyof typeof handlers)[]) {
        Object.assign(handlers, { [name]: async () => called.push(name) });
      }
      await codes(WorkerService, cluster.worker.address, {});
      expect(called).to.deep.equal([]);
    });

    it('refuses before the message has come', async () => {
      const client = connect(`http://${cluster.worker.address}`);
      const stream = client.request({
        ':method': 'POST',
        ':path': '/tenon.distributed.v1.WorkerService/RegisterGraph',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const headers = await new Promise<Record<string, unknown>>((resolve) =>
        stream.once('response', resolve),
      );
      expect(headers['grpc-status']).to.equal('16');
      client.destroy();
    });

    it('says what is wrong and what to do, in the session', async () => {
      const error = await failure(cluster.session({}).run(add(1, 2)));
      expect(error.code).to.equal('UNAUTHENTICATED');
      expect(error.message).to.match(/token is missing.*\nFix: .*TENON_TOKEN/s);
    });
  });

  describe('with mutual TLS', () => {
    let ours: Awaited<ReturnType<typeof certificates>>;
    let theirs: Awaited<ReturnType<typeof certificates>>;
    before(async () => {
      [ours, theirs] = await Promise.all([certificates(), certificates()]);
    });
    beforeEach(async () => {
      cluster = await securedCluster({ security: { tls: ours.sender } });
    });

    it('works between processes of one authority', async () => {
      await trains(cluster.session({ tls: ours.receiver }));
      const named = { ...ours.receiver, serverName: 'worker.cluster' };
      await trains(cluster.session({ tls: named }));
    });

    it('answers neither clients in plain text, nor those of another authority or without a certificate', async () => {
      const strangers: readonly Security[] = [
        {},
        { token: newToken() },
        { tls: { ...theirs.receiver, ca: ours.receiver.ca } },
      ];
      for (const security of strangers) {
        const { code } = await failure(cluster.session(security).run(add(1, 2)));
        expect(code).to.be.oneOf(['UNAUTHENTICATED', 'UNAVAILABLE']);
      }
    });

    it('is not taken from a server of another authority, or made out to another name', async () => {
      for (const tls of [theirs.receiver, { ...ours.receiver, serverName: 'other.cluster' }]) {
        const { code } = await failure(cluster.session({ tls }).run(add(1, 2)));
        expect(code).to.equal('UNAUTHENTICATED');
      }
    });

    it('ends a plain connection without a word of the protocol', async () => {
      const [host, port] = cluster.master.address.split(':');
      const socket = createConnection(Number(port), host);
      const heard: Buffer[] = [];
      socket.on('data', (bytes) => heard.push(bytes)).on('error', () => {});
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      await new Promise((resolve) => socket.once('close', resolve));
      expect(Buffer.concat(heard).includes('grpc')).to.equal(false);
    });

    it('asks for the token too where there is one', async () => {
      const token = newToken();
      const both = await securedCluster({ security: { tls: ours.sender, token } });
      try {
        await trains(both.session());
        const { code } = await failure(both.session({ tls: ours.receiver }).run(add(1, 2)));
        expect(code).to.equal('UNAUTHENTICATED');
      } finally {
        await both.close();
      }
    });
  });

  it('comes from the environment by default', async () => {
    const before = process.env.TENON_TOKEN;
    process.env.TENON_TOKEN = newToken();
    try {
      cluster = await securedCluster();
      await trains(cluster.session());
      expect((await failure(cluster.session({}).run(add(1, 2)))).code).to.equal('UNAUTHENTICATED');
    } finally {
      if (before === undefined) delete process.env.TENON_TOKEN;
      else process.env.TENON_TOKEN = before;
    }
  });

  it('is demanded off loopback, and refused where it is worth nothing', async () => {
    const serve: readonly ((
      host: string,
      security: Security,
    ) => Promise<{ close(): Promise<void> }>)[] = [
      (host, security) => serveMaster({ members: [], host, security }),
      (host, security) => serveWorker({ job: 'ps', task: 0, devices: [], host, security }),
    ];
    for (const start of serve) {
      for (const host of ['0.0.0.0', '::', 'worker-0.cluster']) {
        const refused = await failure(start(host, {}));
        expect(refused.code).to.equal('UNAUTHENTICATED');
        expect(refused.message).to.include(`refuses to listen on ${host}`);
      }
      const weak = await failure(start('0.0.0.0', { token: 'guessed' }));
      expect(weak.code).to.equal('ATTRIBUTE_INVALID');
      const server = await start('0.0.0.0', { token: newToken() });
      await server.close();
    }
    expect(() => new ClusterSession({ target: 'grpc://a:1', security: { token: 'x' } })).to.throw(
      /ATTRIBUTE_INVALID/,
    );
  });
});
