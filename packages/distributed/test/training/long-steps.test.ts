import { HostTensor, sgd } from '@tenon/core';
import { createLocalCluster, dataParallel } from '@tenon/distributed';
import { layers, sequential } from '@tenon/layers';
import { expect } from 'chai';

describe('a step that takes longer than a lease', () => {
  it('is no death: the heartbeat thread speaks for the replica', async function () {
    this.timeout(30_000);
    const cluster = await createLocalCluster({
      workers: 1,
      tasks: 'processes',
      devices: new URL('./busy-devices.ts', import.meta.url),
    });
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
    const x = new HostTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
    const y = new HostTensor(Float32Array.of(1, 2), [2, 1]);
    const { history } = await model.fit(x, y, {
      verbose: 0,
      batchSize: 2,
      strategy: dataParallel({ mode: 'async', cluster, leaseMs: 600, timeoutMs: 15_000 }),
    });
    expect(history.loss).to.have.length(1);
    await cluster.close();
  });
});
