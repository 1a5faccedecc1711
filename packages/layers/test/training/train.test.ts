import { expect } from 'chai';
import { train } from '../../src/index.js';

describe('train', () => {
  it('makes optimizers of positional parameters, defaults where they are left out', () => {
    const made = [
      train.sgd(0.1),
      train.momentum(0.1, 0.9),
      train.adam(),
      train.adam(0.01, 0.8),
      train.rmsprop(0.01, 0.95),
    ];
    expect(made.map(({ config: { learningRate } }) => learningRate)).to.deep.equal([
      0.1, 0.1, 0.001, 0.01, 0.01,
    ]);
    expect(made.map(({ config }) => ({ ...config }))).to.deep.include.members([
      { ...train.momentum(0.1, 0.9).config, momentum: 0.9 },
      { ...train.adam(0.01).config, beta1: 0.8 },
      { ...train.rmsprop(0.01).config, rho: 0.95 },
    ]);
  });
});
