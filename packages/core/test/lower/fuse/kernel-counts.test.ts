import { js, Session } from '@tenon/core';
import { expect } from 'chai';
import { nets } from './nets.js';

const kernels = {
  softmax: 1,
  'softmax and its gradient': 1,
  'layer normalisation': 1,
  'layer normalisation and its gradients': 3,
  'the first rows of a product': 2,
  'a padded, transposed and scaled sum': 2,
  'LSTM cell': 1,
  'gradients of an LSTM cell': 1,
  'training step of two dense layers with Adam': 14,
  'training step of three dense layers with Adam': 17,
  'training step of a dense layer with SGD and clipping by global norm': 11,
  'training step of a convolutional net': 23,
  // With the recurrent weights transposed for the backward loop.
  'training step of an LSTM': 19,
  'training step of attention': 25,
} satisfies Record<keyof typeof nets, number>;

describe('kernels of', () => {
  for (const [name, count] of Object.entries(kernels)) {
    it(`${name}: ${count}`, () => {
      const { fetches, feeds } = nets[name as keyof typeof nets]();
      const session = new Session({ devices: [js({ fuse: true })] });
      const explained = session.explain(fetches, { feeds });
      expect(explained.kernels, explained.toString()).to.equal(count);
    });
  }
});
