import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Session } from '@tenon/core';
import { expect } from 'chai';
import {
  type ClusterSession,
  createLocalCluster,
  type ProcessCluster,
  type Resumed,
  resumableSteps,
} from '../../src/index.js';
import { batch, training, undisturbed, valuesOf } from './training.js';

const steps = 12;

describe('training whose processes are killed', function () {
  this.timeout(120_000);
  let cluster: ProcessCluster;
  let scratch: string;
  let gate: string;
  let expected: unknown;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'tenon-chaos-'));
    gate = join(scratch, 'gate');
    process.env.TENON_TEST_GATE = gate;
    cluster = await createLocalCluster({
      workers: 1,
      parameterServers: 1,
      tasks: 'processes',
      devices: new URL('./gated-devices.ts', import.meta.url),
      restartsPerMinute: 100,
      report: () => {},
    });
    expected = await undisturbed(new Session({ seed: 11 }), steps);
  });
  after(async () => {
    await cluster.close();
    delete process.env.TENON_TEST_GATE;
    await rm(scratch, { recursive: true, force: true });
  });

  /** Trains, makes trouble once around one step, and compares the end with that of an undisturbed training. */
  async function survives(
    name: string,
    trouble: (step: () => Promise<void>, session: ClusterSession) => Promise<void>,
  ): Promise<readonly Resumed[]> {
    const own = training();
    const session = cluster.session({ seed: 11 });
    const step = session.prepare([...own.update], [own.x]);
    const resumed: Resumed[] = [];
    let troubled = false;
    const options = {
      directory: join(scratch, name),
      variables: own.variables,
      steps,
      everySteps: 4,
      onResume: (one: Resumed) => void resumed.push(one),
    };
    await resumableSteps(session, options, async (n) => {
      const run = async () => void (await step(batch(n)));
      if (n !== 6 || troubled) return run();
      troubled = true;
      await trouble(run, session);
    });
    const why = resumed.map(({ error }) => error.message).join('\n');
    expect(resumed.length, why).to.be.at.most(1);
    expect(await valuesOf(session, own.variables)).to.deep.equal(expected);
    await session.close();
    return resumed;
  }

  /** Starts a step and settles when a task computes in it; the gate lets it go on. */
  async function inStep(step: () => Promise<void>, job: string, trouble: () => Promise<void>) {
    await writeFile(gate, '');
    const arrival = `${gate}-${cluster.pid(job, 0)}`;
    const running = step();
    running.catch(() => {});
    while (!existsSync(arrival)) await wait(5);
    try {
      await trouble();
    } finally {
      await rm(arrival);
      await rm(gate);
    }
    await running;
  }

  for (const job of ['worker', 'ps'] as const) {
    it(`${job}, between two steps`, async () => {
      const resumed = await survives(`${job}-between`, async (step) => {
        await cluster.kill(job, 0);
        await step();
      });
      expect(resumed.map(({ step, lost }) => [step, lost])).to.deep.equal([[4, 2]]);
    });
  }

  for (const job of ['worker', 'ps'] as const) {
    it(`${job}, while it computes`, async () => {
      const resumed = await survives(`${job}-computes`, (step) =>
        inStep(step, job === 'ps' ? 'ps' : 'worker', () => cluster.kill(job, 0)),
      );
      expect(resumed.map(({ step, lost }) => [step, lost])).to.deep.equal([[4, 2]]);
    });
  }

  it('worker and server together', async () => {
    const resumed = await survives('both', async (step) => {
      await Promise.all([cluster.kill('worker', 0), cluster.kill('ps', 0)]);
      await step();
    });
    expect(resumed).to.have.length(1);
  });

  it('the master, between two steps: no step is lost', async () => {
    const resumed = await survives('master-between', async (step) => {
      await cluster.kill('master', 0);
      await step();
    });
    expect(resumed).to.deep.equal([]);
  });

  it('the master, in the midst of a step: no step is lost', async () => {
    const resumed = await survives('master-computes', (step) =>
      inStep(step, 'ps', () => cluster.kill('master', 0)),
    );
    expect(resumed).to.deep.equal([]);
  });

  it('the master and a server together', async () => {
    const resumed = await survives('master-server', async (step) => {
      await Promise.all([cluster.kill('master', 0), cluster.kill('ps', 0)]);
      await step();
    });
    expect(resumed).to.have.length(1);
  });

  it('a server, three times while nothing runs: each is noticed and named by the next step', async () => {
    const resumed = await survives('thrice', async (step) => {
      for (let n = 0; n < 3; n++) {
        await cluster.kill('ps', 0);
        await cluster.listening('ps', 0);
      }
      await step();
    });
    expect(resumed.map(({ error }) => error)).to.have.length(1);
    expect(resumed[0]?.error).to.include({ worker: '/job:ps/replica:0/task:0' });
  });
});
