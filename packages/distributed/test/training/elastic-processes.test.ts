import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { expect } from 'chai';
import { batchSize, countingModel, epochs, expectAppliedOnce, x, y } from './counting-model.js';

describe('elastic training over threads and processes', function () {
  this.timeout(30_000);

  it('goes on with threads that join while it runs, and when others leave', async () => {
    const cluster = await createLocalCluster({ tasks: 'threads', workers: 0, parameterServers: 1 });
    const [first] = await Promise.all([cluster.addWorker(), cluster.addWorker()]);
    let steps = 0;
    const changes = new Map<number, () => Promise<unknown>>([
      [4, () => cluster.addWorker()],
      [8, () => cluster.removeWorker(first)],
    ]);
    const model = await countingModel();
    await model.fit(x, y, {
      epochs,
      batchSize,
      verbose: 0,
      callbacks: { onBatchEnd: async () => void (await changes.get(++steps)?.()) },
      strategy: dataParallel({ mode: 'sync', elastic: true, replicas: 2, cluster }),
    });
    await expectAppliedOnce(model, 'threads');
    await cluster.close();
  });

  it('goes on with processes that join while it runs, when others leave, and when one is killed', async () => {
    const cluster = await createLocalCluster({
      tasks: 'processes',
      workers: 0,
      parameterServers: 1,
      report: () => {},
    });
    const { target } = cluster;
    const [first] = await Promise.all([cluster.addWorker(), cluster.addWorker()]);
    let steps = 0;
    const changes = new Map<number, () => Promise<unknown>>([
      [4, () => cluster.addWorker()],
      [8, () => cluster.removeWorker(first)],
      // It comes back under its number, or else training would go on without it.
      [12, () => cluster.kill('worker', 2)],
    ]);
    // A strategy that finds its cluster as a script does that was launched.
    const before = process.env.TENON_MASTER;
    process.env.TENON_MASTER = target;
    try {
      const model = await countingModel();
      await model.fit(x, y, {
        epochs,
        batchSize,
        verbose: 0,
        callbacks: { onBatchEnd: async () => void (await changes.get(++steps)?.()) },
        strategy: dataParallel({ mode: 'sync', elastic: true, replicas: 2 }),
      });
      expect(steps).to.equal((epochs * 240) / batchSize);
      await expectAppliedOnce(model, 'processes');
    } finally {
      if (before === undefined) delete process.env.TENON_MASTER;
      else process.env.TENON_MASTER = before;
      await cluster.close();
    }
  });
});
