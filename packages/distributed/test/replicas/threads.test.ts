import { GraphError } from '@tenon/core';
import { callbacks } from '@tenon/layers';
import { expect } from 'chai';
import { dataParallel } from '../../src/index.js';
import { threadReplicas } from '../../src/replicas/thread-replicas.js';
import { distance, examples, killable, newModel, quietly } from './model.js';

describe('training on threads that add up their gradients', function () {
  // Each thread loads the engine from its sources.
  this.timeout(60_000);

  it('is training on one thread, with callbacks, weights of examples, metrics and a last batch of one', async () => {
    // 100 steps of Adam: 20 epochs of batches of 10, 10, 10, 10 and 1.
    const { x, y } = examples(41);
    const [alone, together] = [await newModel(), await newModel()];
    const sampleWeight = y.map((_, i) => 1 + (i % 3));
    const heard: number[] = [];
    const options = quietly({
      epochs: 20,
      batchSize: 10,
      sampleWeight,
      validationData: [x, y],
      callbacks: [
        callbacks.learningRateScheduler((epoch) => 0.01 / (1 + epoch)),
        { onBatchEnd: (_, logs) => void heard.push(logs.loss as number) },
      ],
    });
    const one = await alone.fit(x, y, options);
    const losses = heard.splice(0);
    const strategy = dataParallel({
      mode: 'allReduce',
      replicas: 2,
      bucketBytes: 100,
      checkEvery: 9,
    });
    const two = await together.fit(x, y, { ...options, strategy });
    expect(await distance(alone, together)).to.be.below(1e-6);
    expect(Object.keys(two.history)).to.deep.equal(Object.keys(one.history));
    for (const [name, values] of Object.entries(one.history))
      values.forEach((value, i) => {
        expect(two.history[name]?.[i], `${name} of epoch ${i}`).to.be.closeTo(value, 1e-6);
      });
    expect(heard.length).to.equal(100);
    heard.forEach((loss, i) => {
      expect(loss).to.be.closeTo(losses[i] as number, 1e-6);
    });
    expect(together.session.runs).to.be.at.least(100);
  });

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

  it('fails with what one thread fails with', async () => {
    const { x, y } = examples(8);
    const model = await newModel();
    y[7] = 5;
    const error = await model
      .fit(
        x,
        y,
        quietly({
          epochs: 2,
          batchSize: 8,
          shuffle: false,
          strategy: dataParallel({ mode: 'allReduce' }),
        }),
      )
      .then(
        () => undefined,
        (failure: unknown) => failure as GraphError,
      );
    expect(error).to.be.instanceOf(GraphError);
    expect([error?.code, error?.message]).to.deep.equal(['INDEX_OUT_OF_RANGE', error?.message]);
    expect(error?.message).to.contain('replica 1');
  });
});
