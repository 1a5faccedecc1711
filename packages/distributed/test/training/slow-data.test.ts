import { setTimeout as wait } from 'node:timers/promises';
import { HostTensor } from '@tenon/core';
import { Dataset } from '@tenon/data';
import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { expect } from 'chai';
import { countingModel } from './counting-model.js';

const batch = [
  new HostTensor(new Float32Array(12 * 3), [12, 3]),
  new HostTensor(new Float32Array(12), [12, 1]),
] as const;

/** Batches that come slowly, and how many have. */
function slow(count: number, ms: number) {
  const given = { count: 0 };
  const data = Dataset.fromGenerator(async function* () {
    for (; given.count < count; given.count++) {
      await wait(ms);
      yield batch;
    }
  });
  return { data, given };
}

describe('data that comes more slowly than replicas compute', () => {
  it('steps are told as they are made, and training can be stopped', async () => {
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
    const model = await countingModel();
    const { data, given } = slow(200, 5);
    let steps = 0;
    await model.fit(data, {
      verbose: 0,
      callbacks: {
        onBatchEnd: () => {
          if (++steps === 3) model.stopTraining = true;
        },
      },
      strategy: dataParallel({ mode: 'sync', cluster }),
    });
    expect(given.count).to.be.below(60);
    await cluster.close();
  });

  it('data and callbacks may take longer than updates', async () => {
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
    const model = await countingModel();
    let steps = 0;
    await model.fit(slow(4, 300).data, {
      verbose: 0,
      callbacks: {
        onBatchEnd: async () => {
          steps++;
          await wait(300);
        },
      },
      strategy: dataParallel({ mode: 'async', cluster, timeoutMs: 200, leaseMs: 100 }),
    });
    expect(steps).to.equal(4);
    await cluster.close();
  });
});
