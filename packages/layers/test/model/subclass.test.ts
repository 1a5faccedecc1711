import { adam, HostTensor, Session, type Tensor } from '@tenon/core';
import { expect } from 'chai';
import {
  type CallContext,
  Layer,
  layerConfig,
  layers,
  Model,
  sequential,
} from '../../src/index.js';

class Block extends Layer<typeof layerConfig> {
  static override readonly config = layerConfig;
  static override readonly className = 'Block';
  private readonly hidden = [layers.dense({ units: 2 }), layers.dense({ units: 2 })];
  private readonly drop = layers.dropout({ rate: 0.5, seed: 1 });
  private readonly norm = layers.batchNormalization({});

  protected override call(x: Tensor): Tensor {
    const y = this.hidden.reduce((z, layer) => layer.apply(z), x);
    return this.norm.apply(this.drop.apply(y));
  }
}

class Net extends Model {
  private readonly block = new Block();
  private readonly out = layers.dense({ units: 1 });

  protected override call(x: Tensor, _context: CallContext): Tensor {
    return this.out.apply(this.block.apply(x));
  }
}

const x = new HostTensor(
  Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
  [16, 2],
);
const y = new HostTensor(
  Float32Array.from({ length: 16 }, (_, i) => i / 16),
  [16, 1],
);

describe('layers in fields', () => {
  it('belong to their layer, under names that differ', () => {
    const model = sequential({ layers: [new Block({ inputShape: [2] })] });
    expect(model.weights.map(({ name }) => name)).to.deep.equal([
      'block/dense/kernel',
      'block/dense/bias',
      'block/dense_1/kernel',
      'block/dense_1/bias',
      'block/batch_normalization/gamma',
      'block/batch_normalization/beta',
      'block/batch_normalization/moving_mean',
      'block/batch_normalization/moving_variance',
    ]);
  });

  it('make a model of a subclass with its own call, which trains and infers as it is told', async () => {
    const net = new Net();
    net.compile({ optimizer: adam({ learningRate: 0.05 }), loss: 'mse', session: new Session() });
    const { history } = await net.fit(x, y, { epochs: 20, verbose: 0 });
    expect(history.loss?.at(-1)).to.be.below(history.loss?.[0] as number);
    const average = net.weights.find(({ name }) => name.endsWith('moving_mean'));
    const moved = average ? (await net.session.read(average.variable)).array() : [];
    expect(moved).to.not.deep.equal([0, 0]);
    const [a, b] = [await net.predict(x), await net.predict(x)];
    expect(a.array()).to.deep.equal(b.array());
    expect(net.countParams()).to.equal(6 + 6 + 8 + 3);
  });
});
