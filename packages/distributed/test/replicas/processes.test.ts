import { expect } from 'chai';
import { processReplicas } from '../../src/replicas/processes/process-replicas.js';
import { distance, examples, killable, newModel, quietly } from './model.js';

describe('training on processes that add up their gradients', function () {
  // Each process loads the engine from its sources.
  this.timeout(120_000);

  it('is training in one process, also when one of them is killed', async () => {
    const { x, y } = examples(41);
    const [alone, together] = [await newModel(), await newModel()];
    const options = quietly({ epochs: 4, batchSize: 10 });
    const one = await alone.fit(x, y, options);
    const { started, restarted, strategy } = killable(processReplicas(), 2);
    let batches = 0;
    const killing = {
      async onBatchEnd() {
        if (++batches === 8) await started[0]?.kill();
      },
    };
    const two = await together.fit(x, y, { ...options, strategy, callbacks: killing });
    expect(await distance(alone, together)).to.be.below(1e-6);
    one.history.loss?.forEach((loss, i) => {
      expect(two.history.loss?.[i]).to.be.closeTo(loss, 1e-6);
    });
    expect([restarted, started.length]).to.deep.equal([['replica 0'], 3]);
    expect(started.map(({ alive }) => alive)).to.deep.equal([false, false, false]);
  });
});
