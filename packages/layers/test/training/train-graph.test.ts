import {
  adam,
  add,
  GraphError,
  HostTensor,
  matMul,
  mean,
  mul,
  placeholder,
  Session,
  sgd,
  square,
  sub,
  type TensorData,
  variable,
} from '@tenon/core';
import { Dataset } from '@tenon/data';
import { layers, sequential, trainGraph } from '@tenon/layers';
import { expect } from 'chai';

const rows = 40;
const wave = (size: number, step: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(i * step));
const x = new HostTensor(wave(rows * 3, 1.7), [rows, 3]);
const y = new HostTensor(wave(rows, 0.3), [rows, 1]);

function* batches(size: number): Iterable<readonly TensorData[]> {
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(rows, from + size);
    const part = ({ data: all }: HostTensor, width: number) =>
      new HostTensor(all.subarray(from * width, to * width), [to - from, width]);
    yield [part(x, 3), part(y, 1)];
  }
}

function regression() {
  const inputs = [placeholder({ shape: [null, 3] }), placeholder({ shape: [null, 1] })] as const;
  const w = variable(new HostTensor(wave(3, 0.5), [3, 1]), { name: 'w' });
  const b = variable([0.25], { name: 'b' });
  const error = sub(add(matMul(inputs[0], w), b), inputs[1]);
  return { inputs, w, b, error, loss: mean(square(error)) };
}

async function rejection(promise: Promise<unknown>): Promise<GraphError> {
  const error = await promise.then(
    () => undefined,
    (found) => found,
  );
  expect(error).to.be.instanceOf(GraphError);
  return error as GraphError;
}

describe('training of a graph of one’s own', () => {
  it('does what fit does with the same model', async () => {
    const { inputs, w, b, loss, error } = regression();
    const session = new Session();
    const metrics = { squares: square(error), bias: mean(error) };
    const optimizer = adam({ learningRate: 0.05 });
    const training = await trainGraph({ session, loss, inputs, optimizer, metrics });
    const model = sequential([layers.dense({ units: 1, inputShape: [3] })]);
    model.compile({ optimizer: adam({ learningRate: 0.05 }), loss: 'meanSquaredError' });
    await model.setWeights([new HostTensor(wave(3, 0.5), [3, 1]), [0.25]]);
    const { history } = await model.fit(x, y, {
      epochs: 3,
      batchSize: 12,
      verbose: 0,
      shuffle: false,
    });
    for (let epoch = 0; epoch < 3; epoch++) {
      const logs = await training.epoch(batches(12));
      // The last batch has four examples, which count as others do.
      expect(logs.loss).to.be.closeTo(history.loss?.[epoch] as number, 1e-6);
      expect(logs.squares).to.be.closeTo(logs.loss as number, 1e-6);
    }
    const [kernel, bias] = await model.getWeights();
    expect((await session.read(w)).data).to.deep.equal(kernel?.data);
    expect((await session.read(b)).data).to.deep.equal(bias?.data);
    await training.end();
    await session.close();
  });

  it('tells of steps, and stops', async () => {
    const session = new Session();
    const { inputs, loss, w } = regression();
    const training = await trainGraph({ session, loss, inputs, optimizer: sgd() });
    const seen: [number, number, number][] = [];
    const logs = await training.epoch(batches(12), {
      onStep: async (step) => {
        seen.push([step.step, step.examples, step.logs().loss as number]);
        if (step.step === 2) training.stop();
      },
    });
    expect(seen.map(([step, examples]) => [step, examples])).to.deep.equal([
      [0, 12],
      [1, 12],
      [2, 12],
    ]);
    expect(logs.loss).to.equal(seen[2]?.[2]);
    const after = await session.read(w);
    await training.epoch(batches(12));
    expect((await session.read(w)).data).to.not.deep.equal(after.data);
    await session.close();
  });

  it('takes data sets, and changes what gradients do not', async () => {
    const session = new Session();
    const { inputs, loss, w, error } = regression();
    const average = variable([0], { name: 'average', trainable: false });
    const updates = new Map([[average, add(mul(average, 0.5), mean(error, { axis: 0 }))]]);
    const training = await trainGraph({
      ...{ session, loss, inputs, updates },
      optimizer: sgd({ learningRate: 1e-12 }),
      variables: [w],
    });
    await training.epoch(Dataset.from([x, y]).batch(20));
    const found = (await session.read(average)).item();
    const other = new Session();
    const errors = await other.run(error, {
      feeds: [
        [inputs[0], x],
        [inputs[1], y],
      ],
    });
    const all = [...(errors.data as Float32Array)];
    const means = [0, 20].map((from) => all.slice(from, from + 20).reduce((a, b) => a + b, 0));
    expect(found).to.be.closeTo((0.5 * Number(means[0])) / 20 + Number(means[1]) / 20, 1e-5);
  });

  it('says what is wrong, and goes on', async () => {
    const session = new Session();
    const { inputs, loss, error } = regression();
    const optimizer = sgd();
    const begin = (given: object) =>
      rejection(trainGraph({ session, loss, inputs, optimizer, ...given }));
    expect((await begin({ loss: error })).code).to.equal('SHAPE_MISMATCH');
    expect((await begin({ inputs: inputs.slice(1) })).code).to.equal('FEED_MISSING');
    expect((await begin({ inputs: [] })).code).to.equal('FEED_MISSING');
    expect((await begin({ metrics: { loss } })).code).to.equal('ATTRIBUTE_INVALID');
    const scalar = placeholder({ shape: [] });
    expect((await begin({ inputs: [...inputs, scalar] })).code).to.equal('ATTRIBUTE_INVALID');
    const fixed = mean(inputs[0]);
    expect((await begin({ loss: fixed })).code).to.equal('STATE_INVALID');
    const training = await trainGraph({ session, loss, inputs, optimizer });
    const epoch = (given: unknown) => rejection(training.epoch([given] as never));
    expect((await epoch([x])).code).to.equal('FEED_INVALID');
    expect((await epoch(x)).code).to.equal('FEED_INVALID');
    expect((await epoch([x, x])).message).to.contain('float32[?, 1]');
    expect((await epoch([x, new HostTensor(new Float32Array(3), [3, 1])])).code).to.equal(
      'FEED_INVALID',
    );
    expect((await rejection(training.epoch([]))).code).to.equal('FEED_INVALID');
    const running = training.epoch(batches(20));
    expect((await rejection(training.epoch(batches(20)))).code).to.equal('STATE_INVALID');
    expect((await running).loss).to.be.above(0);
    await training.end();
    await training.end();
    expect((await rejection(training.epoch(batches(20)))).code).to.equal('STATE_INVALID');
    await session.close();
  });
});
