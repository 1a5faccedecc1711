import {
  type GraphError,
  hostTensor,
  Session,
  scalar,
  tensor,
  tensor1d,
  tensor2d,
} from '@tenon/core';
import { expect } from 'chai';

const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as GraphError).code;
  }
  return 'none';
};

describe('hostTensor', () => {
  it('takes the dtype of what it is given', () => {
    const dtypes = [
      [1.5],
      [1n],
      [true],
      new Float64Array(1),
      new Uint8Array(1),
      new Int16Array([-7]),
      new Uint16Array([65_535]),
      new Uint8ClampedArray([255]),
    ].map((data) => `${hostTensor(data as never).dtype} ${hostTensor(data as never).data[0]}`);
    expect(dtypes).to.deep.equal([
      'float32 1.5',
      'int64 1',
      'bool 1',
      'float64 0',
      'uint8 0',
      'int32 -7',
      'int32 65535',
      'uint8 255',
    ]);
  });

  it('refuses what is ragged, does not fill its shape, or is no number', () => {
    expect([
      code(() => hostTensor([[1, 2], [3]])),
      code(() => hostTensor([1, 2, 3], { shape: [2, 2] })),
      code(() => hostTensor(['1'] as never)),
      code(() => hostTensor(new Uint32Array(1) as never)),
    ]).to.deep.equal(['VALUE_INVALID', 'VALUE_INVALID', 'VALUE_INVALID', 'VALUE_INVALID']);
  });
});

describe('tensors with the arguments of TensorFlow.js', () => {
  it('are constants of the values, shape and dtype', () => {
    const session = new Session();
    const [a, b, c, d] = session.runSync([
      tensor2d([1, 2, 3, 4], [2, 2]),
      tensor([[1], [0]], undefined, 'bool'),
      scalar(3, 'int32'),
      tensor1d([1, 2], 'int64'),
    ] as const);
    expect([a.array(), b.array(), c.array(), d.array()]).to.deep.equal([
      [
        [1, 2],
        [3, 4],
      ],
      [[true], [false]],
      3,
      [1n, 2n],
    ]);
  });

  it('refuse values of another rank', () => {
    expect([
      code(() => tensor2d([1, 2])),
      code(() => tensor1d([[1]])),
      code(() => scalar([1] as never)),
    ]).to.deep.equal(['SHAPE_MISMATCH', 'SHAPE_MISMATCH', 'SHAPE_MISMATCH']);
  });
});
