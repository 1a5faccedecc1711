import { connect } from 'node:http2';
import { add, allOps, assign, fill, mul, sum, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import {
  type Connection,
  grpcConnection,
  MasterService,
  newToken,
  WorkerService,
} from '../../src/index.js';
import { failure } from '../failure.js';
import { hostileParts, note } from './hostile-parts.js';
import { type SecuredCluster, securedCluster } from './secured-cluster.js';

const messageBytes = 2 ** 16;
const security = { token: newToken() };
const device = '/job:worker/replica:0/task:0/device:js:0';

// What these senders know is the token; they are processes of the run that were taken over, or are of another release.
describe('hostile requests', () => {
  let cluster: SecuredCluster;
  let master: Connection<typeof MasterService>;
  let worker: Connection<typeof WorkerService>;
  before(async () => {
    cluster = await securedCluster({ security, messageBytes, ops: [...allOps, note] });
    const to = (address: string) => ({ address, name: 'server', security });
    master = grpcConnection(MasterService, to(cluster.master.address));
    worker = grpcConnection(WorkerService, to(cluster.worker.address));
  });
  after(async () => {
    master.close();
    worker.close();
    await cluster.close();
  });

  // Whatever was sent, an honest client is served as before.
  afterEach(async () => {
    const session = cluster.session();
    const w = withDevice('/job:ps/task:0', () => variable([1]));
    expect((await session.run(assign(w, add(w, 1)))).array()).to.deep.equal([2]);
    await session.close();
  });

  async function workerSession(): Promise<{ session: string; incarnation: string }> {
    const { incarnation } = await worker.calls.getStatus({});
    await worker.calls.createWorkerSession({ session: 'hostile', incarnation, peers: [] });
    return { session: 'hostile', incarnation };
  }

  for (const { why, part, code, says, variables = 0 } of hostileParts) {
    it(`are refused for ${why}`, async () => {
      const numbers = Array.from({ length: variables }, (_, i) => i);
      const life = await workerSession();
      const { session } = await master.calls.createSession({});
      const registered = { ...life, graph: 1, device, part, variables: numbers };
      const uses = numbers.map((number) => ({ variable: number, hint: '' }));
      for (const refused of [
        () => worker.calls.registerGraph(registered),
        () => master.calls.makeCallable({ session, callable: 1, part, variables: uses }),
      ]) {
        const error = await failure(refused());
        expect(error.message).to.match(says);
        expect(error.code).to.equal(code);
      }
      await master.calls.closeSession({ session });
      await worker.calls.deleteWorkerSession({ session: 'hostile' });
    });
  }

  it('are refused for a value that is declared larger than it is, or has a shape that is none', async () => {
    const life = await workerSession();
    const values = [
      { dtype: 'float32', shape: [2 ** 31, 2 ** 8], data: new Uint8Array(4) },
      { dtype: 'float32', shape: new Array(17).fill(1), data: new Uint8Array(4) },
      { dtype: 'float32', shape: [2 ** 31, 2 ** 31], data: new Uint8Array(4) },
      { dtype: 'constructor', shape: [], data: new Uint8Array(4) },
    ];
    const codes = [];
    for (const value of values) {
      const variable = { variable: 1, hint: '' };
      const update = worker.calls.updateState({ ...life, writes: [{ variable, value, device }] });
      codes.push((await failure(update)).code);
    }
    expect(codes).to.deep.equal([
      'FORMAT_INVALID',
      'SHAPE_INVALID',
      'SHAPE_INVALID',
      'FORMAT_INVALID',
    ]);
    expect((await worker.calls.getStatus({})).variables).to.equal(0);
    await worker.calls.deleteWorkerSession({ session: 'hostile' });
  });

  it('are refused for a message above the limit, by both, in both directions', async () => {
    const part = new Uint8Array(messageBytes + 1);
    for (const call of [
      () => master.calls.makeCallable({ session: '', callable: 1, part }),
      () => worker.calls.registerGraph({ session: '', graph: 1, device, part }),
    ]) {
      const error = await failure(call());
      expect(error.code).to.equal('FORMAT_INVALID');
      expect(error.message).to.match(/larger than max/);
    }
    const session = cluster.session();
    const wide = withDevice('/job:worker/task:0', () => fill({ shape: [messageBytes], value: 1 }));
    expect((await failure(session.run(wide))).code).to.equal('FORMAT_INVALID');
    await session.close();
  });

  it('are refused for a value in between that no device holds', async () => {
    const session = cluster.session();
    const huge = fill({ shape: [2 ** 20, 2 ** 15], value: 1 });
    expect((await failure(session.run(sum(mul(huge, huge))))).code).to.equal('DEVICE_LIMIT');
    await session.close();
  });

  it('are refused for the length that a message announces, before any of it has come', async () => {
    const client = connect(`http://${cluster.worker.address}`);
    const stream = client.request({
      ':method': 'POST',
      ':path': '/tenon.distributed.v1.WorkerService/RegisterGraph',
      'content-type': 'application/grpc',
      authorization: `Bearer ${security.token}`,
      te: 'trailers',
    });
    const answered = new Promise<Record<string, unknown>>((resolve) =>
      stream.once('response', resolve),
    );
    // Not compressed, 2^31 - 1 bytes.
    stream.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]));
    expect((await answered)['grpc-status']).to.equal('8');
    client.destroy();
  });

  it('are refused for a message that is none', async () => {
    const client = connect(`http://${cluster.master.address}`);
    const stream = client.request({
      ':method': 'POST',
      ':path': '/tenon.distributed.v1.MasterService/RunCallable',
      'content-type': 'application/grpc',
      authorization: `Bearer ${security.token}`,
      te: 'trailers',
    });
    stream.end(Buffer.from([0, 0, 0, 0, 3, 0xff, 0xff, 0xff]));
    const headers = await new Promise<Record<string, unknown>>((resolve) =>
      stream.once('response', resolve),
    );
    expect(headers['grpc-status']).to.equal('13');
    client.destroy();
  });
});
