import { createServer } from 'node:net';
import { add, GraphError, js } from '@tenon/core';
import { expect } from 'chai';
import { untilThere } from '../src/client/until-there.js';
import { ClusterSession, membersOf, serveMaster, serveWorker } from '../src/index.js';
import { failure } from './failure.js';

/** A port that nobody listens on. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

describe('a session in a cluster that is still starting', () => {
  it('waits for the master, and then for the workers', async () => {
    const [port, workerPort] = [await freePort(), await freePort()];
    const session = new ClusterSession({ target: `grpc://127.0.0.1:${port}`, waitMs: 60_000 });
    const result = session.run(add(1, 2));
    const members = membersOf({ worker: [`127.0.0.1:${workerPort}`] });
    const master = await serveMaster({ members, port });
    const worker = await serveWorker({ job: 'worker', task: 0, devices: [js()], port: workerPort });
    try {
      expect((await result).item()).to.equal(3);
    } finally {
      await session.close();
      await master.close();
      await worker.close();
    }
  });

  it('ends the wait with its time, or when it is closed', async () => {
    const target = `grpc://127.0.0.1:${await freePort()}`;
    const short = new ClusterSession({ target, waitMs: 300 });
    expect((await failure(short.run(add(1, 2)))).code).to.equal('UNAVAILABLE');
    await short.close();
    const long = new ClusterSession({ target, waitMs: 600_000 });
    const run = failure(long.run(add(1, 2)));
    await long.close();
    expect((await run).code).to.be.oneOf(['UNAVAILABLE', 'SESSION_CLOSED']);
  });

  it('says once what it waits for when that takes long', async () => {
    const warnings: string[] = [];
    const hear = ({ message }: Error) => warnings.push(message);
    process.on('warning', hear);
    const lost = new GraphError('UNAVAILABLE', 'ps 0', { what: 'it does not answer.' });
    let asked = 0;
    const answer = await untilThere(
      async () => {
        if (++asked < 4) throw lost;
        return 'there';
      },
      { waitMs: 60_000, warnMs: 0 },
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', hear);
    expect([answer, warnings]).to.deep.equal([
      'there',
      [`waiting for the cluster: ${lost.message}`],
    ]);
  });

  it('takes the time from TENON_WAIT, in seconds', async () => {
    process.env.TENON_WAIT = 'soon';
    try {
      expect(() => new ClusterSession({ target: 'grpc://127.0.0.1:1' })).to.throw(/TENON_WAIT/);
    } finally {
      delete process.env.TENON_WAIT;
    }
    expect(() => new ClusterSession({ target: 'grpc://127.0.0.1:1', waitMs: -1 })).to.throw(
      'waitMs is -1',
    );
  });
});
