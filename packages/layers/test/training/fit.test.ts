import { adam, type GraphError, HostTensor, Session, sgd } from '@tenon/core';
import { Dataset } from '@tenon/data';
import { expect } from 'chai';
import { firstValueFrom, take, toArray } from 'rxjs';
import { layers, sequential, type TrainingEvent } from '../../src/index.js';

const regression = (rows = 32) => {
  const x = Float32Array.from({ length: rows * 2 }, (_, i) => Math.sin(i * 1.7));
  const y = Float32Array.from(
    { length: rows },
    (_, i) => 2 * (x[2 * i] as number) - (x[2 * i + 1] as number) + 0.5,
  );
  return { x: new HostTensor(x, [rows, 2]), y: new HostTensor(y, [rows, 1]) };
};

const linear = (options: object = {}) => {
  const model = sequential({
    layers: [layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros' })],
  });
  model.compile({
    optimizer: sgd({ learningRate: 0.2 }),
    loss: 'mse',
    session: new Session(),
    ...options,
  });
  return model;
};

const quiet = { verbose: 0 } as const;

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as GraphError).code;
  }
  return 'none';
}

describe('fit', () => {
  it('finds the weights of a linear function', async () => {
    const { x, y } = regression();
    const model = linear();
    const { history } = await model.fit(x, y, { epochs: 60, batchSize: 8, ...quiet });
    const [kernel, bias] = await model.getWeights();
    expect(history.loss?.at(-1)).to.be.below(1e-6);
    expect(Array.from(kernel?.data as Float32Array, (w) => Number(w.toFixed(3)))).to.deep.equal([
      2, -1,
    ]);
    expect(bias?.item()).to.be.closeTo(0.5, 1e-3);
  });

  it('gives one step of gradient descent that can be computed by hand', async () => {
    const model = linear({ optimizer: sgd({ learningRate: 0.1 }) });
    // loss = ((0 - 1)^2 + (0 - 3)^2) / 2 = 5; dw = mean(2 (0 - y) x) = (-2 * 1 - 6 * 2) / 2 = -7
    const logs = await model.trainOnBatch(
      [
        [1, 0],
        [2, 0],
      ],
      [[1], [3]],
    );
    const [kernel, bias] = await model.getWeights();
    expect(logs).to.deep.equal({ loss: 5 });
    expect(kernel?.array()).to.deep.equal([[Math.fround(0.7)], [0]]);
    expect(bias?.item()).to.be.closeTo(0.4, 1e-6);
  });

  it('averages logs over examples, the smaller last batch included', async () => {
    const { x, y } = regression(10);
    const model = linear({ optimizer: sgd({ learningRate: 1e-12 }), metrics: ['mae'] });
    const { history } = await model.fit(x, y, { batchSize: 4, ...quiet });
    const values = Array.from(y.data as Float32Array);
    expect(history.loss?.[0]).to.be.closeTo(values.reduce((s, v) => s + v * v, 0) / 10, 1e-5);
    expect(history.mae?.[0]).to.be.closeTo(values.reduce((s, v) => s + Math.abs(v), 0) / 10, 1e-5);
    const evaluated = await model.evaluate(x, y, { batchSize: 3 });
    expect(evaluated.loss).to.be.closeTo(history.loss?.[0] as number, 1e-5);
  });

  it('weights examples and classes', async () => {
    const x = [
      [1, 0],
      [1, 0],
    ];
    const model = linear({
      optimizer: sgd({ learningRate: 1e-12 }),
      metrics: ['mse'],
      weightedMetrics: ['mae'],
    });
    const { history } = await model.fit(x, [[1], [3]], { sampleWeight: [2, 0], ...quiet });
    // Keras: the loss is divided by the number of examples, weighted metrics by the sum of weights.
    expect(history.loss).to.deep.equal([1]);
    expect(history.mse).to.deep.equal([5]);
    expect(history.mae).to.deep.equal([1]);
    const classes = await model.fit(x, [[0], [1]], { classWeight: { 0: 1, 1: 10 }, ...quiet });
    expect(classes.history.loss).to.deep.equal([5]);
  });

  it('keeps the last part for validation and reports it as val_', async () => {
    const { x, y } = regression(20);
    const model = linear();
    const { history, params } = await model.fit(x, y, {
      epochs: 2,
      validationSplit: 0.25,
      batchSize: 5,
      ...quiet,
    });
    expect(params).to.deep.equal({
      epochs: 2,
      steps: 3,
      batchSize: 5,
      samples: 15,
      validationFreq: 1,
    });
    expect(Object.keys(history)).to.have.members(['loss', 'val_loss']);
    expect(history.val_loss).to.have.length(2);
  });

  it('trains the same from arrays and from a data set of batches', async () => {
    const { x, y } = regression(12);
    const [arrays, stream] = [linear(), linear()];
    await arrays.fit(x, y, { batchSize: 5, epochs: 2, shuffle: false, ...quiet });
    await stream.fitDataset(Dataset.from([x, y]).batch(5), { epochs: 2, ...quiet });
    const values = async (model: typeof arrays) =>
      (await model.getWeights()).map((weight) => weight.array());
    expect(await values(stream)).to.deep.equal(await values(arrays));
  });

  it('goes on where an epoch of stepsPerEpoch stopped', async () => {
    const { x, y } = regression(6);
    const seen: number[] = [];
    const model = linear();
    const sizes = { onBatchEnd: (batch: number) => void seen.push(batch) };
    await model.fit(x, y, {
      batchSize: 2,
      stepsPerEpoch: 4,
      epochs: 2,
      callbacks: sizes,
      ...quiet,
    });
    expect(seen).to.deep.equal([0, 1, 2, 3, 0, 1, 2, 3]);
  });

  it('is reproducible: the same seed gives bit-identical weights', async () => {
    const run = async () => {
      const { x, y } = regression();
      const kernelInitializer = { className: 'GlorotUniform', config: { seed: 7 } };
      const model = sequential({
        layers: [
          layers.dense({ units: 4, activation: 'tanh', inputShape: [2], kernelInitializer }),
          layers.dropout({ rate: 0.3, seed: 3 }),
          layers.dense({ units: 1, kernelInitializer }),
        ],
      });
      model.compile({
        optimizer: adam({ learningRate: 0.05 }),
        loss: 'mse',
        session: new Session({ seed: 5 }),
      });
      await model.fit(x, y, { epochs: 3, batchSize: 7, ...quiet });
      return (await model.getWeights()).map((weight) => weight.array());
    };
    expect(await run()).to.deep.equal(await run());
  });

  it('refuses what can not be trained, by code, and stays usable', async () => {
    const { x, y } = regression(8);
    const model = linear();
    const uncompiled = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
    expect({
      uncompiled: await codeOf(uncompiled.fit(x, y, quiet)),
      targets: await codeOf(model.fit(x, undefined, quiet)),
      rows: await codeOf(model.fit(x, [[1]], quiet)),
      shape: await codeOf(model.fit([[1, 2, 3]], [[1]], quiet)),
      option: await codeOf(model.fit(x, y, { epoch: 3 } as never)),
      ranks: await codeOf(
        model.fit(
          x,
          Array.from({ length: 8 }, () => [1, 2]),
          quiet,
        ),
      ),
      after: await codeOf(model.fit(x, y, quiet)),
    }).to.deep.equal({
      uncompiled: 'STATE_INVALID',
      targets: 'FEED_MISSING',
      rows: 'FEED_INVALID',
      shape: 'FEED_INVALID',
      option: 'ATTRIBUTE_INVALID',
      ranks: 'SHAPE_MISMATCH',
      after: 'none',
    });
  });
});

describe('fit$', () => {
  it('tells everything in order', async () => {
    const { x, y } = regression(4);
    const events: TrainingEvent[] = await firstValueFrom(
      linear()
        .fit$(x, y, { batchSize: 2, epochs: 1, ...quiet })
        .pipe(toArray()),
    );
    expect(events.map(({ type }) => type)).to.deep.equal([
      'trainBegin',
      'epochBegin',
      'batchBegin',
      'batchEnd',
      'batchBegin',
      'batchEnd',
      'epochEnd',
      'trainEnd',
    ]);
  });

  it('starts on subscription and stops at the next step when unsubscribed', async () => {
    const { x, y } = regression(64);
    const model = linear();
    const before = model.session.runs;
    const stream = model.fit$(x, y, { batchSize: 1, epochs: 1000, ...quiet });
    expect(model.session.runs).to.equal(before);
    await firstValueFrom(stream.pipe(take(8), toArray()));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const after = model.session.runs;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(model.session.runs).to.equal(after);
    expect(after - before).to.be.below(8);
  });

  it('waits for what subscribers ask it to wait for', async () => {
    const { x, y } = regression(2);
    const order: string[] = [];
    await new Promise<void>((resolve, reject) => {
      linear()
        .fit$(x, y, { batchSize: 2, ...quiet })
        .subscribe({
          next(event) {
            if (event.type === 'epochBegin') {
              event.waitUntil(new Promise((go) => setTimeout(() => go(order.push('waited')), 20)));
            } else if (event.type === 'batchBegin') order.push('batch');
          },
          error: reject,
          complete: resolve,
        });
    });
    expect(order).to.deep.equal(['waited', 'batch']);
  });

  it('fails the stream, not the process, when a step fails', async () => {
    const model = sequential({
      layers: [layers.dense({ units: 3, inputShape: [2], activation: 'softmax' })],
    });
    model.compile({
      optimizer: 'sgd',
      loss: 'sparseCategoricalCrossentropy',
      session: new Session(),
    });
    expect(await codeOf(model.fit([[1, 2]], [7], quiet))).to.equal('INDEX_OUT_OF_RANGE');
    expect(await codeOf(model.fit([[1, 2]], [2], quiet))).to.equal('none');
  });
});
