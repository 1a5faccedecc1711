import { constant, type GraphError, HostTensor } from '@tenon/core';
import { expect } from 'chai';
import { input, layers, model } from '../../src/index.js';

const twoOutputs = () => {
  const x = input({ shape: [2] });
  const a = layers.dense({ units: 1, name: 'a' }).apply(x);
  const b = layers.dense({ units: 1, name: 'b' }).apply(x);
  return model({ inputs: x, outputs: [a, b] });
};

function codeOf(options: object): string {
  try {
    twoOutputs().compile(options);
  } catch (error) {
    return (error as GraphError).code;
  }
  return 'none';
}

describe('compile', () => {
  it('refuses what it does not know, by code', () => {
    const codes = {
      option: codeOf({ optimiser: 'adam' }),
      loss: codeOf({ loss: { a: { foo: 1 } } }),
      output: codeOf({ loss: { c: 'mse' } }),
      metric: codeOf({ loss: 'mse', metrics: ['acuracy'] }),
      metricObject: codeOf({ loss: 'mse', metrics: [{}] }),
      metricOutput: codeOf({ loss: 'mse', metrics: { c: ['mae'] } }),
      lossList: codeOf({ loss: ['mse'] }),
      weights: codeOf({ loss: 'mse', lossWeights: [1, 2, 3] }),
    };
    expect(codes).to.deep.equal({
      option: 'ATTRIBUTE_INVALID',
      loss: 'ATTRIBUTE_INVALID',
      output: 'NAME_UNKNOWN',
      metric: 'NAME_UNKNOWN',
      metricObject: 'ATTRIBUTE_INVALID',
      metricOutput: 'NAME_UNKNOWN',
      lossList: 'ATTRIBUTE_INVALID',
      weights: 'ATTRIBUTE_INVALID',
    });
  });

  it('measures outputs that have no loss, and takes a loss that is one number', async () => {
    const net = twoOutputs();
    net.compile({ loss: { a: () => constant(3) }, metrics: { b: ['mae'] } });
    const zeros = new HostTensor(new Float32Array(4), [2, 2]);
    const logs = await net.testOnBatch(zeros, [new Float32Array(2), new Float32Array([1, 3])]);
    expect(logs).to.deep.equal({ loss: 3, b_mae: 2 });
  });

  it('takes metrics as a name, a list, lists or a record, and keeps the names as they were given', async () => {
    const rows = new HostTensor(new Float32Array(4), [2, 2]);
    const logsOf = async (metrics: object | string) => {
      const net = twoOutputs();
      net.compile({ loss: { a: 'mse', b: 'mse' }, metrics: metrics as never });
      const logs = await net.testOnBatch(rows, [new Float32Array(2), new Float32Array(2)]);
      return Object.keys(logs).filter((name) => !name.endsWith('loss'));
    };
    expect([
      await logsOf('MSE'),
      await logsOf(['meanAbsoluteError']),
      await logsOf([['mae'], ['mean_squared_error']]),
      await logsOf({ b: 'mae' }),
    ]).to.deep.equal([
      ['a_mse', 'b_mse'],
      ['a_mean_absolute_error', 'b_mean_absolute_error'],
      ['a_mae', 'b_mean_squared_error'],
      ['b_mae'],
    ]);
  });
});
