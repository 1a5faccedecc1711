import {
  add,
  constant,
  type GraphError,
  HostTensor,
  mul,
  Session,
  type Tensor,
  type Variable,
} from '@tenon/core';
import { expect } from 'chai';
import { z } from 'zod';
import {
  input,
  Layer,
  layerConfig,
  layers,
  model,
  modelFromJson,
  sequential,
} from '../../src/index.js';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as GraphError).code;
  }
  return 'none';
};

describe('functional model', () => {
  it('has several inputs and outputs, by order and by name', async () => {
    const a = input({ shape: [2], name: 'a' });
    const b = input({ shape: [1], name: 'b' });
    const joined = layers.concatenate({}).apply([a, b]);
    const left = layers.dense({ units: 1, name: 'left', kernelInitializer: 'ones' }).apply(joined);
    const right = layers
      .dense({ units: 2, name: 'right', kernelInitializer: 'zeros' })
      .apply(joined);
    const net = model({ inputs: [a, b], outputs: [left, right], name: 'pair' });
    net.compile({
      optimizer: 'sgd',
      loss: { left: 'mse', right: 'mae' },
      lossWeights: { right: 0.5 },
      metrics: { right: ['mse'] },
      session: new Session(),
    });
    const x = { b: [[3]], a: [[1, 2]] };
    const outputs = await net.predictAll(x);
    expect(outputs.map((output) => output.array())).to.deep.equal([[[6]], [[0, 0]]]);
    expect(await net.evaluate(x, { left: [[4]], right: [[1, 3]] })).to.deep.equal({
      loss: 4 + 0.5 * 2,
      left_loss: 4,
      right_loss: 2,
      right_mse: 5,
    });
    expect(
      await net.evaluate([[[1, 2]], [[3]]] as never, [[[4]], [[1, 3]]] as never),
    ).to.have.property('loss', 5);
  });

  it('shares the weights of a layer that is applied twice', async () => {
    const a = input({ shape: [1], name: 'a' });
    const b = input({ shape: [1], name: 'b' });
    const shared = layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' });
    const net = model({
      inputs: [a, b],
      outputs: layers.add({}).apply([shared.apply(a), shared.apply(b)]),
    });
    net.compile({ optimizer: 'sgd', loss: 'mse', session: new Session() });
    expect(net.countParams()).to.equal(1);
    // y = w (a + b), loss = (w 3 - 0)^2, dw = 2 * 3 * 3 = 18, w = 1 - 0.01 * 18
    await net.trainOnBatch({ a: [[1]], b: [[2]] }, [[0]]);
    const [w] = await net.getWeights();
    expect(w?.item()).to.be.closeTo(0.82, 1e-6);
  });

  it('updates the averages of a shared batch normalisation once for each use', async () => {
    const [a, b] = [input({ shape: [1], name: 'a' }), input({ shape: [1], name: 'b' })];
    const norm = layers.batchNormalization({ momentum: 0.5, center: false, scale: false });
    const y = layers
      .dense({ units: 1 })
      .apply(layers.add({}).apply([norm.apply(a), norm.apply(b)]));
    const net = model({ inputs: [a, b], outputs: y });
    net.compile({ optimizer: 'sgd', loss: 'mse', session: new Session() });
    await net.trainOnBatch({ a: [[2], [2]], b: [[6], [6]] }, [[0], [0]]);
    const [mean] = await net.getWeights();
    // 0 -> 0.5 * 0 + 0.5 * 2 = 1 -> 0.5 * 1 + 0.5 * 6 = 3.5
    expect(mean?.array()).to.deep.equal([3.5]);
  });

  it('nests models and names layers uniquely', async () => {
    const inner = sequential({
      layers: [layers.dense({ units: 2, inputShape: [2] }), layers.dense({ units: 2 })],
      name: 'inner',
    });
    const x = input({ shape: [2] });
    const y = layers.dense({ units: 1 }).apply(inner.apply(inner.apply(x)));
    const net = model({ inputs: x, outputs: y });
    expect(net.weights.map(({ name }) => name)).to.deep.equal([
      'inner/dense/kernel',
      'inner/dense/bias',
      'inner/dense_1/kernel',
      'inner/dense_1/bias',
      'dense/kernel',
      'dense/bias',
    ]);
    expect(net.countParams()).to.equal(15);
    net.useSession(new Session());
    expect(
      (
        await net.predict(
          new Float32Array(6).length
            ? [
                [1, 2],
                [3, 4],
                [5, 6],
              ]
            : [],
        )
      ).shape,
    ).to.deep.equal([3, 1]);
  });

  it('takes operations of the engine between layers', async () => {
    const x = input({ shape: [1] });
    const y = add(mul(layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(x), 2), 1);
    const net = model({ inputs: x, outputs: y });
    net.useSession(new Session());
    expect((await net.predict([[3]])).array()).to.deep.equal([[7]]);
  });

  it('freezes layers that are not trainable', async () => {
    const frozen = layers.dense({
      units: 1,
      inputShape: [1],
      trainable: false,
      kernelInitializer: 'ones',
    });
    const net = sequential({
      layers: [frozen, layers.dense({ units: 1, kernelInitializer: 'ones' })],
    });
    net.compile({ optimizer: 'sgd', loss: 'mse', session: new Session() });
    await net.trainOnBatch([[1]], [[3]]);
    const values = (await net.getWeights()).map(
      (weight) => weight.item() === 1 || weight.item() === 0,
    );
    expect(values).to.deep.equal([true, true, false, false]);
  });

  it('refuses graphs and names that do not fit, by code', () => {
    const [x, other] = [input({ shape: [1] }), input({ shape: [1], name: 'other' })];
    const y = layers.add({}).apply([x, other]);
    const twice = () => [
      layers.dense({ units: 1, name: 'one' }),
      layers.dense({ units: 1, name: 'one' }),
    ];
    expect({
      disconnected: codeOf(() => model({ inputs: x, outputs: y })),
      names: codeOf(() => sequential({ layers: twice() })),
      layer: codeOf(() => sequential({ layers: [{} as never] })),
      unbuilt: codeOf(() => sequential({ layers: [layers.dense({ units: 1 })] }).inputs),
      unknown: codeOf(() =>
        model({ inputs: x, outputs: layers.flatten({}).apply(x) }).getLayer('dence'),
      ),
      option: codeOf(() => layers.dense({ unit: 3 } as never)),
      loss: codeOf(() => sequential({}).compile({ loss: 'mze' })),
      optimizer: codeOf(() => sequential({}).compile({ optimizer: 'adamant' })),
    }).to.deep.equal({
      disconnected: 'GRAPH_INVALID',
      names: 'NAME_TAKEN',
      layer: 'ATTRIBUTE_INVALID',
      unbuilt: 'STATE_INVALID',
      unknown: 'NAME_UNKNOWN',
      option: 'ATTRIBUTE_INVALID',
      loss: 'NAME_UNKNOWN',
      optimizer: 'NAME_UNKNOWN',
    });
  });

  it('says in which layer an error happened', () => {
    const net = sequential({
      layers: [layers.dense({ units: 2, inputShape: [3], name: 'first' })],
    });
    expect(() => net.run([constant([[1, 2]])], { training: false, update: () => {} })).to.throw(
      /^sequential\/first\/matMul: inner sizes differ: a has 2 columns, b has 3 rows\./,
    );
  });
});

describe("a layer of one's own", () => {
  const scaleConfig = layerConfig.extend({ start: z.number().default(1) });

  class Scale extends Layer<typeof scaleConfig> {
    static override readonly config = scaleConfig;
    static override readonly className = 'Scale';
    private factor!: Variable;

    protected override build(): void {
      const { start } = this.config;
      this.factor = this.weight('factor', [], {
        initializer: { className: 'constant', config: { value: start } },
      });
    }

    protected override call(x: Tensor): Tensor {
      return mul(x, this.factor);
    }
  }

  it('trains and gets its path, config and shape from what it states', async () => {
    const net = sequential({ layers: [new Scale({ start: 3, inputShape: [1] })] });
    net.compile({ optimizer: 'sgd', loss: 'mse', session: new Session() });
    expect(net.outputShape).to.deep.equal([null, 1]);
    expect(net.weights.map(({ name }) => name)).to.deep.equal(['scale/factor']);
    expect(net.toJSON().config).to.have.nested.property('layers[0].config.start', 3);
    const { history } = await net.fit(new HostTensor(new Float32Array([1]), [1, 1]), [[0]], {
      epochs: 20,
      verbose: 0,
    });
    expect(history.loss?.at(-1)).to.be.below(history.loss?.[0] as number);
  });
});

describe('an input in front of the layers', () => {
  it('gives a sequential model its shape and dtype, which JSON keeps', () => {
    const made = sequential({
      layers: [input({ shape: [2], dtype: 'uint8' }), layers.flatten(), layers.flatten()],
    });
    const again = modelFromJson(made.toJSON() as never);
    const start = [made, again].map(({ inputs: [x] }) => [x?.dtype, x?.shape]);
    expect(start).to.deep.equal([
      ['uint8', [null, 2]],
      ['uint8', [null, 2]],
    ]);
  });
});
