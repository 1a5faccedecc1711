import { constant, type GraphError, HostTensor, Session, sgd } from '@tenon/core';
import { Dataset } from '@tenon/data';
import { expect } from 'chai';
import { callbacks, layers, sequential, type TrainingEvent } from '../../src/index.js';

const quiet = { verbose: 0 } as const;
const x = new HostTensor(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [4, 2]);
const y = new HostTensor(new Float32Array([0, 1, 0, 1]), [4, 1]);

/** Zero weights that hardly move: losses are means of squared targets. */
const still = (inputShape: number[] | undefined = [2]) => {
  const made = sequential({
    layers: [
      layers.dense({
        units: 1,
        kernelInitializer: 'zeros',
        ...(inputShape.length ? { inputShape } : {}),
      }),
    ],
  });
  made.compile({
    optimizer: sgd({ learningRate: 1e-12 }),
    loss: 'mse',
    session: new Session(),
  });
  return made;
};

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as GraphError).code;
  }
  return 'none';
}

describe('data of a model', () => {
  it('may be typed arrays, tensors, lists of one, streams and no examples at all', async () => {
    const model = still();
    const shapes = [
      await model.predict(new Float32Array(6)),
      await model.predict(constant([[1, 2]])),
      await model.predict([x]),
      await model.predict(Dataset.from(x).batch(3)),
      await model.predict(Dataset.from([x, y]).batch(3)),
      await model.predict([]),
    ].map(({ shape }) => shape);
    expect(shapes).to.deep.equal([
      [3, 1],
      [1, 1],
      [4, 1],
      [4, 1],
      [4, 1],
      [0, 1],
    ]);
    const { history } = await model.fit(constant([[1, 2]]), constant([[3]]), quiet);
    expect(history).to.deep.equal({ loss: [9] });
  });

  it('builds a model that was given no shape: predict, lists and data sets too', async () => {
    const fits = { ...quiet, epochs: 1 };
    expect((await still([]).predict(x)).shape).to.deep.equal([4, 1]);
    expect((await still([]).fit([x], y, fits)).history).to.deep.equal({ loss: [0.5] });
    const batches = Dataset.from([x, y]).batch(2);
    expect((await still([]).fit(batches, fits)).history).to.deep.equal({ loss: [0.5] });
  });

  it('is refused by code where there is nothing to learn from or no end', async () => {
    const none = new HostTensor(new Float32Array(0), [0, 2]);
    const endless = Dataset.from([x, y]).repeat().batch(2);
    const batches = Dataset.from([x, y]).batch(2);
    expect({
      empty: await codeOf(still().fit(none, new Float32Array(0), quiet)),
      emptyStream: await codeOf(still().fit(batches.take(0), quiet)),
      endless: await codeOf(still().fit(endless, quiet)),
      endlessEvaluate: await codeOf(still().evaluate(endless)),
      endlessValidation: await codeOf(still().fit(x, y, { ...quiet, validationData: endless })),
      sampleWeight: await codeOf(still().fit(batches, { ...quiet, sampleWeight: [1, 1, 1, 1] })),
      weightsOfEach: await codeOf(
        still().fit(x, y, { ...quiet, sampleWeight: new HostTensor(new Float32Array(8), [4, 2]) }),
      ),
      weightsTooFew: await codeOf(
        still().fit(
          Dataset.fromGenerator(() => [[x, y, new Float32Array(3)]]),
          quiet,
        ),
      ),
      targetsTwice: await codeOf(still().fit(batches, y, quiet)),
      predictOption: await codeOf(still().predict(x, { batchsize: 2 } as never)),
      steps: await codeOf(still().fit(endless, { ...quiet, stepsPerEpoch: 3, epochs: 2 })),
    }).to.deep.equal({
      empty: 'FEED_INVALID',
      emptyStream: 'FEED_INVALID',
      endless: 'ATTRIBUTE_INVALID',
      endlessEvaluate: 'ATTRIBUTE_INVALID',
      endlessValidation: 'ATTRIBUTE_INVALID',
      sampleWeight: 'ATTRIBUTE_INVALID',
      weightsOfEach: 'FEED_INVALID',
      weightsTooFew: 'FEED_INVALID',
      targetsTwice: 'ATTRIBUTE_INVALID',
      predictOption: 'ATTRIBUTE_INVALID',
      steps: 'none',
    });
  });

  it('is weighted by class in data sets, by example in validation data, never by class there', async () => {
    const classWeight = { 0: 1, 1: 10 };
    const stream = await still().fit(Dataset.from([x, y]).batch(4), { ...quiet, classWeight });
    expect(stream.history).to.deep.equal({ loss: [5] });
    const split = await still().fit(x, y, {
      ...quiet,
      classWeight,
      validationSplit: 0.5,
      shuffle: false,
    });
    expect(split.history).to.deep.equal({ loss: [5], val_loss: [0.5] });
    const validationData = [x, y, [[1], [3], [1], [1]]] as const;
    const triple = await still().fit(x, y, { ...quiet, validationData });
    expect(triple.history).to.deep.equal({ loss: [0.5], val_loss: [1] });
  });

  it('may change its shape from batch to batch: logs are those of the epoch', async () => {
    const model = still([null as unknown as number, 1]);
    const part = (values: number[]) =>
      new HostTensor(new Float32Array(values), [1, values.length, 1]);
    const batches = Dataset.fromGenerator(function* () {
      yield [part([1, 1]), part([1, 1])];
      yield [part([1, 1, 1]), part([3, 3, 3])];
    });
    const { history } = await model.fit(batches, { ...quiet, epochs: 2 });
    expect(history).to.deep.equal({ loss: [5, 5] });
  });

  it('is read in the same order by training that is resumed', async () => {
    const seen: number[][] = [[], []];
    const run = async (initialEpoch: number, list: number[]) => {
      const rows = Dataset.range(8).shuffle(8, { seed: 1 });
      const spied = rows.map((i) => {
        list.push(i.item());
        return [new Float32Array(2), new Float32Array(1)] as const;
      });
      await still().fit(spied.batch(2), { ...quiet, epochs: 3, initialEpoch });
    };
    await run(0, seen[0] as number[]);
    await run(2, seen[1] as number[]);
    expect(seen[1]).to.deep.equal(seen[0]?.slice(16));
  });
});

describe('the training loop', () => {
  it('lets timers run while it evaluates and predicts', async () => {
    const many = new HostTensor(new Float32Array(60_000), [30_000, 2]);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await still().predict(many, { batchSize: 4 });
    const predicting = turns;
    await still().evaluate(many, new Float32Array(30_000), { batchSize: 4 });
    clearInterval(timer);
    expect([predicting, turns - predicting].map((count) => count > 0)).to.deep.equal([true, true]);
  });

  it('refuses a second fit of a model, and takes one after the first was left', async () => {
    const model = still();
    const [first, second] = [model.fit(x, y, quiet), codeOf(model.fit(x, y, quiet))];
    expect(await second).to.equal('STATE_INVALID');
    await first;
    const events: TrainingEvent['type'][] = [];
    model
      .fit$(x, y, { ...quiet, epochs: 50 })
      .subscribe(({ type }) => events.push(type))
      .unsubscribe();
    expect(await codeOf(model.fit(x, y, quiet))).to.equal('none');
  });

  it('closes the stream that it reads', async () => {
    let closed = 0;
    const stream = Dataset.fromGenerator(function* () {
      try {
        for (;;) yield [new HostTensor(new Float32Array(2), [1, 2]), [[1]]];
      } finally {
        closed++;
      }
    });
    await still().fit(stream, { ...quiet, stepsPerEpoch: 2, epochs: 2 });
    expect(closed).to.equal(1);
  });

  it('refuses callbacks that nothing would call', async () => {
    const misspelt = { onEpochEnds() {} };
    expect([
      await codeOf(still().fit(x, y, { ...quiet, callbacks: misspelt as never })),
      await codeOf(still().fit(x, y, { ...quiet, callbacks: 'earlyStopping' as never })),
    ]).to.deep.equal(['ATTRIBUTE_INVALID', 'ATTRIBUTE_INVALID']);
  });

  it('stops early by validation that is not made every epoch', async () => {
    const stop = callbacks.earlyStopping({ patience: 2 });
    const options = { validationData: [x, y] as const, validationFreq: 2, epochs: 20 };
    const { epoch } = await still().fit(x, y, { ...quiet, ...options, callbacks: stop });
    expect(epoch).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });
});
