import { Session } from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';
import { dataParallel } from '../../src/index.js';
import { threadReplicas } from '../../src/replicas/threads/thread-replicas.js';
import { rejection } from '../rendezvous/rejection.js';
import { distance, examples, killable, newModel, quietly } from './model.js';

describe('training on threads one of which is lost', function () {
  // Each thread loads the engine from its sources.
  this.timeout(120_000);

  it('loses a thread in the middle of an epoch, starts another, and ends the same', async () => {
    const { x, y } = examples(40);
    // The halves of a batch are equal, so that normalising each is normalising both.
    const halves = Array.from({ length: 80 }, (_, i) => 4 * Math.floor(i / 8) + (i % 4));
    const [x2, y2] = [halves.map((i) => x[i] as number[]), halves.map((i) => y[i] as number)];
    const [alone, together] = [await newModel(true), await newModel(true)];
    const options = quietly({ epochs: 3, batchSize: 8, shuffle: false });
    await alone.fit(x2, y2, options);
    const { started, restarted, strategy } = killable(threadReplicas(), 2);
    let batches = 0;
    const killing = {
      async onBatchEnd() {
        if (++batches === 14) await started[1]?.kill();
      },
    };
    await together.fit(x2, y2, { ...options, strategy, callbacks: killing });
    expect(restarted).to.deep.equal(['replica 1']);
    expect(started.length).to.equal(3);
    expect(started.map(({ alive }) => alive)).to.deep.equal([false, false, false]);
    expect(await distance(alone, together)).to.be.below(1e-6);
  });

  it('fails with what one thread fails with, and says which devices are missing', async () => {
    const { x, y } = examples(8);
    const model = await newModel();
    y[7] = 5;
    const options = quietly({ epochs: 2, batchSize: 8, shuffle: false });
    const { strategy, restarted } = killable(threadReplicas(), 2);
    const { code, message } = await rejection(model.fit(x, y, { ...options, strategy }));
    expect([code, restarted]).to.deep.equal(['INDEX_OUT_OF_RANGE', []]);
    expect(message).to.contain('replica 1');
    model.useSession(new Session({ devices: [wasm({ threads: 1 })] }));
    const missing = dataParallel({ mode: 'allReduce' });
    const refused = await rejection(model.fit(x, y, { ...options, strategy: missing }));
    expect(refused.code).to.equal('ATTRIBUTE_INVALID');
    expect(refused.message).to.contain('wasm:0');
  });
});
