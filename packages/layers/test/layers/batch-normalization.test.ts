import {
  assign,
  gradients,
  group,
  hostTensor,
  mul,
  placeholder,
  Session,
  sum,
  type Tensor,
  type Variable,
} from '@tenon/core';
import { expect } from 'chai';
import * as layers from '../../src/layers-namespace.js';
import { sequential } from '../../src/model/sequential.js';

type Options = Parameters<typeof layers.batchNormalization>[0];

// Two examples of three times of two features, with mean and variance (not divided by n - 1) of each feature.
const rows = [
  [
    [1, 10],
    [2, 20],
    [3, 60],
  ],
  [
    [4, 30],
    [5, 40],
    [9, 50],
  ],
]; // [2, 3, 2]
const means = [4, 35];
const variances = [40 / 6, 1750 / 6];

/** A layer in a training step that writes its moving averages. */
function training(options: Options = {}) {
  const layer = layers.batchNormalization({ dtype: 'float64', ...options });
  const x = placeholder({ shape: [null, 3, 2], dtype: 'float64' });
  const updates: [Variable, Tensor][] = [];
  const context = {
    training: true,
    update: (target: Variable, next: (current: Tensor) => Tensor) =>
      void updates.push([target, next(target)]),
  };
  const [y] = layer.run([x], context) as [Tensor];
  const step = group(updates.map(([target, value]) => assign(target, value)));
  const weight = (name: string) =>
    layer.weights.find((found) => found.name === name)?.variable as Variable;
  return {
    layer,
    x,
    y,
    updates,
    step,
    weight,
    feeds: [[x, hostTensor(rows, { dtype: 'float64' })]] as const,
  };
}

const close = (actual: { data: unknown }, expected: readonly number[]) => {
  const values = Array.from(actual.data as Float64Array);
  expect(values.length).to.equal(expected.length);
  values.forEach((value, i) => {
    expect(value).to.be.closeTo(expected[i] as number, 1e-9);
  });
};

describe('batchNormalization in training', () => {
  it('normalises by the mean and variance of the batch', async () => {
    const { y, feeds } = training();
    const session = new Session();
    const expected = rows.flat(2).map((value, i) => {
      const feature = i % 2;
      return (
        (value - (means[feature] as number)) / Math.sqrt((variances[feature] as number) + 1e-3)
      );
    });
    close(await session.run(y, { feeds }), expected);
    await session.close();
  });

  it('moves the averages towards the batch by 1 - momentum at the end of each step', async () => {
    const { step, weight, feeds } = training({ momentum: 0.9 });
    const session = new Session();
    await session.run(step, { feeds });
    close(
      await session.read(weight('moving_mean')),
      means.map((m) => 0.1 * m),
    );
    close(
      await session.read(weight('moving_variance')),
      variances.map((v) => 0.9 + 0.1 * v),
    );
    await session.run(step, { feeds });
    close(
      await session.read(weight('moving_mean')),
      means.map((m) => 0.19 * m),
    );
    await session.close();
  });

  it('keeps 0.99 of the averages unless told otherwise, and does not train them', async () => {
    const { step, weight, feeds, layer } = training();
    const session = new Session();
    await session.run(step, { feeds });
    close(
      await session.read(weight('moving_mean')),
      means.map((m) => 0.01 * m),
    );
    expect(layer.weights.map(({ name, trainable }) => [name, trainable])).to.deep.equal([
      ['gamma', true],
      ['beta', true],
      ['moving_mean', false],
      ['moving_variance', false],
    ]);
    await session.close();
  });

  it('uses the moving averages and leaves them alone when it is not trainable', async () => {
    const { y, updates, feeds } = training({ trainable: false });
    const session = new Session();
    expect(updates).to.have.length(0);
    close(
      await session.run(y, { feeds }),
      rows.flat(2).map((value) => value / Math.sqrt(1.001)),
    );
    await session.close();
  });

  it('has gradients through the statistics: features shifted together change nothing', async () => {
    const { x, y, feeds } = training();
    const session = new Session();
    const weights = hostTensor(
      rows.map((example) => example.map(([a = 0, b = 0]) => [a * a, b * a])),
      { dtype: 'float64' },
    );
    const [gradient] = gradients(sum(mul(y, weights)), [x]) as [Tensor];
    const shifts = await session.run(sum(gradient, { axis: [0, 1] }), { feeds });
    close(shifts, [0, 0]);
    const largest = Math.max(
      ...Array.from((await session.run(gradient, { feeds })).data as Float64Array, Math.abs),
    );
    expect(largest).to.be.greaterThan(0.01);
    await session.close();
  });

  it('keeps its averages inside a model that is frozen, until that is trainable again', async () => {
    const base = sequential({ layers: [layers.batchNormalization({ inputShape: [1] })] });
    const net = sequential({ layers: [base, layers.dense({ units: 1 })] });
    const session = new Session();
    const averages = async () => {
      await net.fit([[1], [3]], [[1], [2]], { verbose: 0 });
      const values = base.weights.map(({ variable }) => session.read(variable));
      return (await Promise.all(values)).map((value) => value.array());
    };
    base.trainable = false;
    net.compile({ optimizer: 'sgd', loss: 'mse', session });
    const frozen = await averages();
    base.trainable = true;
    net.compile({ optimizer: 'sgd', loss: 'mse', session });
    expect(frozen).to.deep.equal([[1], [0], [0], [1]]);
    expect(await averages()).to.not.deep.equal(frozen);
  });
});
