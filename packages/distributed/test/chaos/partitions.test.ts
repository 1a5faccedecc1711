import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Session } from '@tenon/core';
import { expect } from 'chai';
import { resumableSteps } from '../../src/index.js';
import { failure } from '../failure.js';
import { proxiedCluster } from './proxied-cluster.js';
import { batch, training, undisturbed, valuesOf } from './training.js';

type Cluster = Awaited<ReturnType<typeof proxiedCluster>>;

const steps = 8;

describe('training over a bad network', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let expected: unknown;

  beforeEach(async () => {
    cluster = await proxiedCluster();
    expected = await undisturbed(new Session({ seed: 11 }), steps);
  });
  afterEach(() => cluster.close());

  /** Trains without any checkpoint, with trouble beside one step: nothing may be lost. */
  async function undamaged(trouble: (step: () => Promise<void>) => Promise<void>) {
    const own = training();
    const session = cluster.session({ seed: 11, timeoutMs: 20_000 });
    const step = session.prepare([...own.update], [own.x]);
    for (let n = 0; n < steps; n++) {
      const run = async () => void (await step(batch(n)));
      await (n === 4 ? trouble(run) : run());
    }
    expect(await valuesOf(session, own.variables)).to.deep.equal(expected);
  }

  const lines = ['master', 'worker', 'ps'] as const;

  for (const line of lines) {
    it(`before the ${line}: connections that break lose nothing`, () =>
      undamaged(async (step) => {
        cluster[line].reset();
        const running = step();
        cluster[line].reset();
        await running;
      }));

    it(`before the ${line}: a cut that heals loses nothing`, () =>
      undamaged(async (step) => {
        cluster[line].delayMs = 30;
        const running = step();
        running.catch(() => {});
        await wait(20);
        cluster[line].cut();
        await wait(50);
        cluster[line].heal();
        await running;
      }));

    it(`before the ${line}: delays and one-way partitions that heal lose nothing`, () =>
      undamaged(async (step) => {
        cluster[line].delayMs = 40;
        await step();
        cluster[line].heal();
      }).then(() =>
        undamaged(async (step) => {
          cluster[line].partition('down');
          const running = step();
          await wait(100);
          cluster[line].heal();
          await running;
        }),
      ));
  }

  it('a worker behind a partition that stays is named soon, and nothing is lost', async () => {
    const own = training();
    const session = cluster.session({ timeoutMs: 20_000 });
    const step = session.prepare([...own.update], [own.x]);
    await step(batch(0));
    cluster.ps.cut();
    const start = performance.now();
    const error = await failure(step(batch(1)));
    expect(error).to.include({ code: 'UNAVAILABLE', worker: '/job:ps/replica:0/task:0' });
    expect(performance.now() - start).to.be.below(15_000);
    cluster.ps.heal();
    const end = performance.now() + 15_000;
    for (;;) {
      const done = await step(batch(1)).then(
        () => true,
        () => false,
      );
      if (done) break;
      expect(performance.now(), 'the worker is not found again').to.be.below(end);
      await wait(20);
    }
  });

  it('a session whose master has lost sight of a worker for long goes on from a checkpoint', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'tenon-chaos-'));
    const own = training();
    const session = cluster.session({ seed: 11, timeoutMs: 20_000 });
    const step = session.prepare([...own.update], [own.x]);
    let troubled = false;
    const options = { directory: scratch, variables: own.variables, steps, everySteps: 2 };
    await resumableSteps(session, options, async (n) => {
      if (n === 5 && !troubled) {
        troubled = true;
        cluster.ps.cut();
        setTimeout(() => cluster.ps.heal(), 500);
      }
      await step(batch(n));
    });
    expect(await valuesOf(session, own.variables)).to.deep.equal(expected);
    await rm(scratch, { recursive: true, force: true });
  });
});
