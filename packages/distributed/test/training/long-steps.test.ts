import { HostTensor, sgd } from '@tenon/core';
import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { layers, sequential } from '@tenon/layers';
import { expect } from 'chai';

const busy = (ms: number) => new URL(`./busy-devices.ts?ms=${ms}`, import.meta.url);
// A process must be asked in time; of a thread it is known.
const clusters = [
  {
    why: 'the heartbeat thread speaks for a process',
    leaseMs: 600,
    start: () => createLocalCluster({ tasks: 'processes', devices: busy(1200) }),
  },
  {
    why: 'the open channel speaks for a thread',
    leaseMs: 150,
    start: () => createLocalCluster({ tasks: 'threads', devices: busy(300) }),
  },
];

describe('a step that takes longer than a lease', function () {
  this.timeout(30_000);
  for (const { why, leaseMs, start } of clusters)
    it(`is no death: ${why}`, async () => {
      const cluster = await start();
      const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
      model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
      const x = new HostTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
      const y = new HostTensor(Float32Array.of(1, 2), [2, 1]);
      const { history } = await model.fit(x, y, {
        verbose: 0,
        batchSize: 2,
        strategy: dataParallel({ mode: 'async', cluster, leaseMs, timeoutMs: 15_000 }),
      });
      expect(history.loss).to.have.length(1);
      await cluster.close();
    });
});
