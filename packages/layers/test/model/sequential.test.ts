import { layers, sequential } from '@tenon/layers';
import { expect } from 'chai';

describe('sequential', () => {
  it('takes a list of layers as it takes them by name', () => {
    const made = () => [layers.dense({ units: 3, inputShape: [2] }), layers.dense({ units: 1 })];
    const [listed, named] = [sequential(made()), sequential({ layers: made() })];
    expect(listed.layers).to.have.length(2);
    expect(listed.outputs.map(({ shape }) => shape)).to.deep.equal(
      named.outputs.map(({ shape }) => shape),
    );
  });
});
