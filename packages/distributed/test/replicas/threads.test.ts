import { type Callback, callbacks, type Model } from '@tenon/layers';
import { expect } from 'chai';
import { dataParallel } from '../../src/index.js';
import { distance, examples, newModel, quietly } from './model.js';

/** A callback that changes the learning rate in the middle of the second epoch. */
function slowed(): Callback {
  let model: Model;
  let epoch = 0;
  return {
    setModel: (given) => {
      model = given;
    },
    onEpochBegin: (number) => {
      epoch = number;
    },
    async onBatchBegin(batch) {
      const { learningRate } = model.compiled.optimizer;
      if (epoch === 1 && batch === 2) await model.session.write(learningRate, 1e-4);
    },
  };
}

describe('training on threads that add up their gradients', function () {
  // Each thread loads the engine from its sources.
  this.timeout(120_000);

  it('is training on one thread, with callbacks, weights of examples, metrics, a last batch of one, and a second fit', async () => {
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
        slowed(),
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
    const first = await together.fit(x, y, { ...options, strategy, epochs: 12 });
    const second = await together.fit(x, y, { ...options, strategy, initialEpoch: 12 });
    expect(await distance(alone, together)).to.be.below(1e-6);
    expect(Object.keys(second.history)).to.deep.equal(Object.keys(one.history));
    for (const [name, values] of Object.entries(one.history))
      values.forEach((value, i) => {
        const own = i < 12 ? first.history[name]?.[i] : second.history[name]?.[i - 12];
        expect(own, `${name} of epoch ${i}`).to.be.closeTo(value, 1e-6);
      });
    expect(heard.length).to.equal(100);
    heard.forEach((loss, i) => {
      expect(loss).to.be.closeTo(losses[i] as number, 1e-6);
    });
    expect(together.session.runs).to.be.at.least(100);
  });
});
