import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, assign, mul, randomUniform, type Session, variable, withDevice } from '@tenon/core';
import { expect } from 'chai';
import { type Resumed, resumableSteps } from '../../src/index.js';
import { failure } from '../failure.js';
import { grpcCluster } from '../grpc-cluster.js';

/** A step whose result depends on every step before and on the random numbers of its run. */
function walk() {
  const w = withDevice('/job:ps/task:0', () => variable([1, 2], { name: 'w' }));
  const noise = withDevice('/job:worker/task:0', () => randomUniform({ shape: [2], seed: 3 }));
  const next = withDevice('/job:ps/task:0', () => assign(w, add(mul(w, 0.5), noise)));
  return { w, next };
}

describe('resumable steps', function () {
  this.timeout(20_000);
  let directory: string;
  let cluster: Awaited<ReturnType<typeof grpcCluster>>;

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'tenon-steps-')), 'steps');
    cluster = await grpcCluster({ worker: 1, ps: 1 });
  });
  afterEach(async () => {
    await cluster.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  });

  const undisturbed = async (session: Session, steps: number) => {
    const { w, next } = walk();
    for (let n = 0; n < steps; n++) await session.run(next);
    return (await session.read(w)).array();
  };

  it('end as without the losses of workers in between, bit for bit', async () => {
    const expected = await undisturbed(cluster.session({ seed: 5 }), 10);
    const { w, next } = walk();
    const session = cluster.session({ seed: 5 });
    const resumed: Resumed[] = [];
    const made: number[] = [];
    const options = { directory, variables: [w], steps: 10, everySteps: 3 };
    const onResume = (one: Resumed) => resumed.push(one);
    await resumableSteps(session, { ...options, onResume }, async (n) => {
      made.push(n);
      if (made.length === 6) await cluster.restart('ps', 0);
      if (made.length === 9) await cluster.restart('worker', 0);
      await session.run(next);
    });
    expect((await session.read(w)).array()).to.deep.equal(expected);
    expect(session.runs).to.equal(10);
    expect(made).to.deep.equal([0, 1, 2, 3, 4, 5, 3, 4, 5, 3, 4, 5, 6, 7, 8, 9]);
    expect(resumed.map(({ step, lost, error }) => [step, lost, error.code])).to.deep.equal([
      [3, 2, 'ABORTED'],
      [3, 2, 'ABORTED'],
    ]);
  });

  it('go on in another process from its last checkpoint', async () => {
    const expected = await undisturbed(cluster.session({ seed: 5 }), 6);
    const options = { directory, steps: 6, everySteps: 2 };
    const first = walk();
    const session = cluster.session({ seed: 5 });
    const broken = resumableSteps(session, { ...options, variables: [first.w] }, async (n) => {
      if (n === 5) throw new Error('the script ends');
      await session.run(first.next);
    });
    expect((await failure(broken)).message).to.equal('the script ends');
    const second = walk();
    const later = cluster.session({ seed: 5 });
    const made: number[] = [];
    await resumableSteps(later, { ...options, variables: [second.w] }, async (n) => {
      made.push(n);
      await later.run(second.next);
    });
    expect(made).to.deep.equal([4, 5]);
    expect((await later.read(second.w)).array()).to.deep.equal(expected);
    await resumableSteps(later, { ...options, variables: [second.w] }, async () => {
      throw new Error('there is no step left');
    });
  });

  it('give up where losses follow each other, or a worker stays away', async () => {
    const { w, next } = walk();
    const session = cluster.session();
    const options = { directory, variables: [w], steps: 5, everySeconds: 1, attempts: 2 };
    let tries = 0;
    const unlucky = resumableSteps(session, options, async () => {
      tries++;
      await session.run(next);
      await cluster.restart('ps', 0);
      await session.run(next);
    });
    expect((await failure(unlucky)).code).to.equal('ABORTED');
    expect(tries).to.equal(3);
    await cluster.servers.get('ps/0')?.close();
    const alone = resumableSteps(session, { ...options, timeoutMs: 100 }, async () => {
      await session.run(next);
    });
    expect(await failure(alone)).to.include({
      code: 'UNAVAILABLE',
      worker: '/job:ps/replica:0/task:0',
    });
  });
});
