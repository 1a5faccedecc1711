import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { binaryCase, integers, numbers, unaryCase } from './elementwise-rows.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const positive = { from: 0.1, to: 3 };
const clear = { from: -2, to: 2, avoid: [0] };
const least = -(2 ** 31);
const most = 2 ** 31 - 1;

export const arithmeticCases: readonly OpCase[] = [
  binaryCase('add', {
    op: tn.add,
    reference: tf.add,
    dtypes: numbers,
    exact: [
      {
        why: 'keeps the sign of zero',
        in: [
          [-0, 0, -0],
          [-0, -0, 0],
        ],
        out: [-0, 0, 0],
      },
      {
        why: 'int32 wraps',
        in: [
          [most, least],
          [1, -1],
        ],
        out: [least, most],
        dtype: 'int32',
      },
      { why: 'int8 wraps', in: [[127], [1]], out: [-128], dtype: 'int8' },
      {
        why: 'infinities cancel to NaN',
        in: [
          [inf, inf],
          [inf, -inf],
        ],
        out: [inf, nan],
      },
    ],
  }),
  binaryCase('sub', {
    op: tn.sub,
    reference: tf.sub,
    dtypes: numbers,
    exact: [{ why: 'uint8 wraps', in: [[0], [1]], out: [255], dtype: 'uint8' }],
  }),
  binaryCase('mul', {
    op: tn.mul,
    reference: tf.mul,
    dtypes: numbers,
    exact: [
      {
        why: 'int32 keeps the low bits',
        in: [[123456789], [987654321]],
        out: [Math.imul(123456789, 987654321)],
        dtype: 'int32',
      },
      {
        why: 'overflow, 0 times infinity',
        in: [
          [3e38, 0],
          [10, inf],
        ],
        out: [inf, nan],
      },
    ],
  }),
  binaryCase('div', {
    op: tn.div,
    reference: tf.div,
    domain: [{ from: -2, to: 2 }, positive],
    exact: [
      {
        why: 'division by zeros',
        in: [
          [1, -1, 0, 1],
          [0, 0, 0, -0],
        ],
        out: [inf, -inf, nan, -inf],
      },
      {
        why: 'integers truncate, and give 0 over 0',
        in: [
          [7, -7, 7, -7, 5],
          [2, 2, -2, -2, 0],
        ],
        out: [3, -3, -3, 3, 0],
        dtype: 'int32',
      },
    ],
  }),
  unaryCase('neg', {
    op: tn.neg,
    reference: tf.neg,
    dtypes: numbers,
    exact: [{ why: 'zeros change sign', in: [[0, -0, inf]], out: [-0, 0, -inf] }],
  }),
  unaryCase('abs', {
    op: tn.abs,
    reference: tf.abs,
    dtypes: numbers,
    domain: { from: -5, to: 5, avoid: [0] },
    exact: [
      { why: 'zeros, infinities, NaN', in: [[-0, -inf, nan]], out: [0, inf, nan] },
      { why: 'the least integer stays', in: [[least]], out: [least], dtype: 'int32' },
    ],
  }),
  unaryCase('sign', {
    op: tn.sign,
    reference: tf.sign,
    dtypes: numbers,
    domain: { from: -5, to: 5, avoid: [0] },
    exact: [
      { why: 'zeros keep their sign, NaN stays', in: [[-0, 0, nan, -inf]], out: [-0, 0, nan, -1] },
    ],
  }),
  unaryCase('square', { op: tn.square, reference: tf.square, dtypes: numbers }),
  binaryCase('squaredDifference', {
    op: tn.squaredDifference,
    reference: tf.squaredDifference,
    dtypes: numbers,
  }),
  binaryCase('maximum', {
    op: tn.maximum,
    reference: tf.maximum,
    dtypes: numbers,
    exact: [
      {
        why: 'NaN wins',
        in: [
          [nan, 1, inf],
          [1, nan, 3],
        ],
        out: [nan, nan, inf],
      },
    ],
  }),
  binaryCase('minimum', {
    op: tn.minimum,
    reference: tf.minimum,
    dtypes: numbers,
    exact: [
      {
        why: 'NaN wins',
        in: [
          [nan, 1, -inf],
          [1, nan, 3],
        ],
        out: [nan, nan, -inf],
      },
    ],
  }),
  binaryCase('mod', {
    op: tn.mod,
    reference: tf.mod,
    domain: [
      { from: 0.1, to: 0.9 },
      { from: 1, to: 3 },
    ],
    exact: [
      {
        why: 'the sign of the divisor',
        in: [
          [5, -5, 5, -5],
          [3, 3, -3, -3],
        ],
        out: [2, 1, -1, -2],
      },
      {
        why: 'integers, 0 over 0',
        in: [
          [5, -5, 5, -5, 4],
          [3, 3, -3, -3, 0],
        ],
        out: [2, 1, -1, -2, 0],
        dtype: 'int32',
      },
      { why: 'of 0 is NaN', in: [[1], [0]], out: [nan] },
    ],
  }),
  binaryCase('floorDiv', {
    op: tn.floorDiv,
    // There the result is always int32; here it has the dtype of the operands.
    reference: (a, b) => tf.cast(tf.floorDiv(a, b), 'float32'),
    dtypes: ['float32', 'float64', 'float16'],
    domain: [
      { from: 3.1, to: 3.9 },
      { from: 1, to: 1.03 },
    ],
    exact: [
      {
        why: 'integers round down, 0 over 0',
        in: [
          [7, -7, 7, -7, 6, -6, 5],
          [2, 2, -2, -2, 3, 3, 0],
        ],
        out: [3, -4, -4, 3, 2, -2, 0],
        dtype: 'int32',
      },
      {
        why: 'the least integer',
        in: [
          [least, least],
          [3, 1],
        ],
        out: [-715827883, least],
        dtype: 'int32',
      },
      {
        why: 'uint8',
        in: [
          [250, 7],
          [7, 250],
        ],
        out: [35, 0],
        dtype: 'uint8',
      },
      {
        why: 'int64',
        in: [
          [-7n, 7n],
          [2n, 2n],
        ],
        out: [-4n, 3n],
        dtype: 'int64',
      },
    ],
  }),
  binaryCase('pow', {
    op: tn.pow,
    reference: tf.pow,
    domain: [positive, { from: -2, to: 3 }],
    exact: [
      {
        why: 'zeros and signs',
        in: [
          [0, 0, -2, -8, 2],
          [0, -1, 3, 1 / 3, -1],
        ],
        out: [1, inf, -8, nan, 0.5],
      },
      {
        why: 'integers, negative powers truncate',
        in: [
          [2, -3, 2, 1, -1],
          [10, 3, -1, -5, -3],
        ],
        out: [1024, -27, 0, 1, -1],
        dtype: 'int32',
      },
      { why: 'int64 beyond 2^53', in: [[3n], [35n]], out: [50031545098999707n], dtype: 'int64' },
      {
        why: 'int32 modulo 2^32',
        in: [
          [3, 7, -3, 2, 0, 0, -1],
          [40, 2147483647, 35, 32, 0, -1, -2],
        ],
        out: [689956897, -1227133513, 651126885, 0, 1, 0, 1],
        dtype: 'int32',
      },
      {
        why: 'int64 with a huge power',
        in: [
          [3n, 2n, -1n],
          [2n ** 62n, 2n ** 63n - 1n, 2n ** 63n - 1n],
        ],
        out: [1n, 0n, -1n],
        dtype: 'int64',
      },
      { why: 'int8 modulo 2^8', in: [[3], [100]], out: [-47], dtype: 'int8' },
    ],
  }),
  {
    name: 'gradient of pow at a base of 0',
    op: (a) => tn.gradients(tn.pow(a, [0, 1, 2]), [a])[0] as tn.Tensor,
    formula: (a: number[]) => [0, 1, 2 * (a[2] as number)],
    shapes: [[[3]]],
    exact: [{ why: 'is not NaN', in: [[0, 0, 0]], out: [0, 1, 0] }],
  },
  unaryCase('reciprocal', {
    op: tn.reciprocal,
    reference: tf.reciprocal,
    domain: { from: 0.2, to: 3 },
    exact: [{ why: 'of zeros and infinities', in: [[0, -0, inf, -inf]], out: [inf, -inf, 0, -0] }],
  }),
  unaryCase('sqrt', {
    op: tn.sqrt,
    reference: tf.sqrt,
    domain: positive,
    exact: [
      { why: 'NaN below 0; zeros keep their sign', in: [[-1, -0, inf]], out: [nan, -0, inf] },
    ],
  }),
  unaryCase('rsqrt', {
    op: tn.rsqrt,
    reference: tf.rsqrt,
    domain: positive,
    exact: [{ why: 'NaN below 0', in: [[-1, 0, inf]], out: [nan, inf, 0] }],
  }),
  unaryCase('sqrt of integers', {
    op: tn.sqrt,
    reference: (x) => tf.sqrt(tf.cast(x, 'float32')),
    domain: { from: 0, to: 9 },
    dtypes: integers,
  }),
  {
    name: 'addN',
    op: (a, b, c) => tn.addN([a, b, c]),
    reference: (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.addN([a, b, c]),
    shapes: [
      [[], [], []],
      [[0], [0], [0]],
      [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
    ],
    dtypes: numbers,
    rejects: [
      { why: 'nothing to add', build: () => tn.addN([]), code: 'ATTRIBUTE_INVALID' },
      {
        why: 'shapes that differ',
        build: () => tn.addN([[1, 2], [[1, 2]]]),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
  binaryCase('divNoNan', {
    op: tn.divNoNan,
    reference: tf.divNoNan,
    domain: [
      { from: -2, to: 2 },
      { from: 0.5, to: 2 },
    ],
    exact: [
      {
        why: '0 over 0',
        in: [
          [1, 0, -3],
          [0, 0, 2],
        ],
        out: [0, 0, -1.5],
      },
    ],
  }),
  unaryCase('clipByValue', {
    op: (x) => tn.clipByValue(x, { min: -1, max: 1 }),
    reference: (x) => tf.clipByValue(x, -1, 1),
    dtypes: [...numbers.filter((dtype) => dtype !== 'uint8')],
    domain: { from: -2, to: 2, avoid: [-1, 1] },
    exact: [{ why: 'infinities, NaN', in: [[inf, -inf, nan, 0.5]], out: [1, -1, nan, 0.5] }],
    rejects: [
      {
        why: 'a least above the greatest',
        build: () => tn.clipByValue([1], { min: 1, max: 0 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  }),
  binaryCase('division with gradient at 0', {
    op: (a, b) => tn.gradients(tn.divNoNan(a, b), [b])[0] as tn.Tensor,
    domain: [clear, positive],
    exact: [
      {
        why: 'is 0',
        in: [
          [1, 2],
          [0, 1],
        ],
        out: [0, -2],
      },
    ],
  }),
];
