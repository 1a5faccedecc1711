import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import type { FitOptions, TrainingEvent } from '@tenon/layers';
import { expect } from 'chai';
import { lastValueFrom, tap } from 'rxjs';
import { failure } from '../failure.js';
import {
  batchSize,
  countingModel,
  epochs,
  expectAppliedOnce,
  numbers,
  x,
  y,
} from './counting-model.js';

const modes = [
  { mode: 'sync', replicas: 2 },
  { mode: 'sync', replicas: 3, backups: 1 },
  { mode: 'async' },
  { mode: 'async', clockBound: 1 },
  { mode: 'hybrid', replicas: 2, groups: 2 },
  { mode: 'hybrid', replicas: 4, groups: 2 },
] as const satisfies readonly DataParallelOptions[];

const fitting = { epochs, batchSize, verbose: 0 } as const;
const elastic = { elastic: true, checkpointEvery: 5, leaseMs: 500 } as const;

type Fit = Omit<FitOptions, 'epochs' | 'batchSize' | 'verbose'>;

/** Trains; every example was applied once in each epoch. */
async function expectOnce(
  run: string,
  { mode }: DataParallelOptions,
  options: Fit,
): Promise<number> {
  const model = await countingModel();
  const sizes: number[][] = [];
  const note = (event: TrainingEvent) => {
    if (event.type !== 'batchEnd') return;
    sizes[event.epoch] ??= [];
    const epoch = sizes[event.epoch] as number[];
    // Updates that were undone are told again.
    epoch.length = event.batch;
    epoch.push(event.size);
  };
  await lastValueFrom(model.fit$(x, y, { ...fitting, ...options }).pipe(tap(note)));
  const sums = sizes.map((epoch) => epoch.reduce((sum, size) => sum + size, 0));
  expect(sums, run).to.deep.equal(Array.from({ length: epochs }, () => y.size));
  // At the end of an epoch each of several groups may have a part of a batch left: a mean of fewer examples.
  if (mode !== 'hybrid') await expectAppliedOnce(model, run);
  return sizes.flat().length;
}

describe('elastic training', () => {
  for (const mode of modes) {
    it(`${JSON.stringify(mode)} goes on with workers that join while others leave`, async () => {
      const cluster = await createLocalCluster({ workers: 0, parameterServers: 2 });
      const there: string[] = [];
      const join = async () => void there.push(await cluster.addWorker());
      const leave = async () => cluster.removeWorker(there.shift() as string);
      let steps = 0;
      // By the end nobody is left of those that began.
      const turnover = async () => {
        steps++;
        if (steps % 4 === 1 && steps < 32) await join();
        if (steps % 4 === 3 && steps < 32) await leave();
      };
      const training = expectOnce(JSON.stringify(mode), mode, {
        callbacks: { onBatchEnd: turnover },
        strategy: dataParallel({ replicas: 2, ...mode, ...elastic, cluster }),
      });
      for (let i = 0; i < 4; i++) await join();
      expect(await training).to.be.at.least(32);
      await cluster.close();
    });
  }

  it('applies every example once, whoever joins, leaves or is lost at random times', async function () {
    this.timeout(60_000);
    for (let run = 0; run < 2 * modes.length; run++) {
      const mode = modes[run % modes.length] as (typeof modes)[number];
      const next = numbers(run);
      const cluster = await createLocalCluster({ workers: 4, parameterServers: 2 });
      const added: string[] = [];
      const turnover = async () => {
        const event = next();
        if (event < 0.15) added.push(await cluster.addWorker());
        else if (event < 0.25 && added.length > 0)
          await cluster.removeWorker(added.shift() as string);
        else if (event < 0.3)
          cluster.workers[Math.floor(next() * cluster.workers.length)]?.training.close();
      };
      await expectOnce(`run ${run}`, mode, {
        callbacks: { onBatchEnd: turnover },
        strategy: dataParallel({ replicas: 4, ...mode, ...elastic, cluster }),
      });
      await cluster.close();
    }
  });

  it('fails, and says so, where too few workers are left for too long', async () => {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: 1 });
    const model = await countingModel();
    const strategy = dataParallel({
      mode: 'sync',
      replicas: 2,
      elastic: true,
      timeoutMs: 100,
      cluster,
    });
    const error = await failure(model.fit(x, y, { ...fitting, strategy }));
    expect(error.code).to.equal('DEADLINE_EXCEEDED');
    expect(error.message).to.include('there are 1 replicas, and an update takes 2');
    await cluster.close();
  });

  it('is refused where workers hold the parameters, where none can be counted, and by clusters that tell nothing', async () => {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: 1 });
    const { watch: _, ...silent } = cluster.training;
    const clusters = {
      'without parameter servers': await createLocalCluster({ workers: 1 }),
      'no worker to count': await createLocalCluster({ workers: 0, parameterServers: 1 }),
      'does not tell': { training: silent },
    };
    for (const [says, given] of Object.entries(clusters)) {
      const strategy = dataParallel({ mode: 'async', elastic: true, cluster: given });
      const model = await countingModel();
      const error = await failure(model.fit(x, y, { ...fitting, strategy }));
      expect(error.code).to.equal('ATTRIBUTE_INVALID');
      expect(error.message).to.include(says);
    }
    await cluster.close();
  });

  it('ends only workers that were added', async () => {
    const cluster = await createLocalCluster({ workers: 1 });
    const [listed] = cluster.workers;
    const error = await failure(cluster.removeWorker(listed?.name ?? ''));
    expect(error.code).to.equal('NAME_UNKNOWN');
    await cluster.close();
  });
});
