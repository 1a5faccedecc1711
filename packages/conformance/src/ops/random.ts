import {
  add,
  type DType,
  dropout,
  equal,
  fromBits,
  less,
  mul,
  multinomial,
  placeholder,
  randomBernoulli,
  randomBits,
  randomGamma,
  randomNormal,
  randomPermutation,
  randomUniform,
  randomUniformLike,
  shuffle,
  slice,
  sort,
  sub,
  truncatedNormal,
} from '@tenon/core';
import type { OpCase } from '../op-case.js';
import { float } from './operands.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

const floats: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];
const vectors = [[[7]], [[1]], [[0]]];
const yes = (x: Vector): boolean[] => x.map(() => true);

/** What holds for every draw; how the numbers are distributed is tested by themselves. */
export const randomCases: readonly OpCase[] = [
  {
    name: 'randomBits of one seed',
    op: () =>
      equal(
        randomBits({ shape: [2, 2], seed: [3, 0] }),
        randomBits({ shape: [2, 2], seed: [3, 0] }),
      ),
    formula: () => [
      [true, true],
      [true, true],
    ],
    shapes: [[]],
    rejects: [
      {
        why: 'a negative size',
        build: () => randomBits({ shape: [-1] }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'randomBits from an element on',
    op: () =>
      equal(
        randomBits({ shape: [45], seed: [3, 0], first: 6 }),
        slice(randomBits({ shape: [51], seed: [3, 0] }), { begin: 6 }),
      ),
    formula: () => new Array<boolean>(45).fill(true),
    shapes: [[]],
    rejects: [
      {
        why: 'the middle of a block',
        build: () => randomBits({ shape: [2], first: 3 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'fromBits, uniform',
    op: (bits) => fromBits(bits, { distribution: 'uniform', parameters: [0, 2] }),
    formula: (bits: Matrix) => bits.map(([word]) => ((word as number) >>> 8) / 2 ** 23),
    shapes: [[[5, 1]], [[0, 1]]],
    dtypes: ['int32'],
    domain: { from: -(2 ** 31), to: 2 ** 31 - 1 },
  },
  {
    name: 'randomUniformLike',
    op: (x) => less(randomUniformLike(x, { dtype: x.dtype, seed: 1 }), 1),
    formula: yes,
    shapes: vectors,
    dtypes: floats,
    rejects: [
      {
        why: 'an empty range',
        build: () => randomUniform({ shape: [2], minval: 1, maxval: 0 }),
        code: 'ATTRIBUTE_INVALID',
      },
      {
        why: 'fractions as bounds of integers',
        build: () => randomUniform({ shape: [2], maxval: 0.5, dtype: 'int32' }),
        code: 'ATTRIBUTE_INVALID',
      },
      {
        why: 'a negative size',
        build: () => randomUniform({ shape: [-2] }),
        code: 'SHAPE_INVALID',
      },
      {
        why: 'an unknown option',
        build: () => randomUniform({ shape: [2], minimum: 1 } as never),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'truncatedNormal',
    op: () =>
      less(mul(truncatedNormal({ shape: [2, 2] }), truncatedNormal({ shape: [2, 2] })), 4.0001),
    formula: () => [
      [true, true],
      [true, true],
    ],
    shapes: [[]],
    rejects: [
      {
        why: 'a negative deviation',
        build: () => truncatedNormal({ shape: [2], stdDev: -1 }),
        code: 'ATTRIBUTE_INVALID',
      },
      {
        why: 'an integer dtype',
        build: () => randomNormal({ shape: [2], dtype: 'int32' }),
        code: 'DTYPE_MISMATCH',
      },
    ],
  },
  {
    name: 'randomGamma',
    op: () => less(0, randomGamma({ shape: [3], alpha: 2 })),
    formula: () => [true, true, true],
    shapes: [[]],
    rejects: [
      {
        why: 'alpha 0',
        build: () => randomGamma({ shape: [2], alpha: 0 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'randomBernoulli of certain events',
    op: (x) => randomBernoulli(add(x, 1), { dtype: 'float32' }),
    formula: (x: Vector) => x.map(() => 1),
    shapes: vectors,
    dtypes: ['float32', 'float64'],
    domain: { from: 0, to: 1 },
  },
  {
    name: 'multinomial of certain outcomes',
    op: (logits) => multinomial(mul(logits, [0, 1e6, 0]), { numSamples: 4, seed: 2 }),
    formula: (logits: Matrix) => logits.map(() => [1, 1, 1, 1]),
    shapes: [[[2, 3]], [[1, 3]], [[0, 3]]],
    dtypes: ['float32', 'float64'],
    domain: { from: 1, to: 2 },
    rejects: [
      { why: 'a scalar', build: () => multinomial(1, { numSamples: 1 }), code: 'SHAPE_MISMATCH' },
      {
        why: 'no outcomes',
        build: () => multinomial(float([2, 0]), { numSamples: 1 }),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
  {
    name: 'dropout gives 0 or twice the value',
    op: (x) => {
      const y = dropout(x, { rate: 0.5 });
      return equal(mul(y, sub(y, mul(x, 2))), 0);
    },
    formula: yes,
    shapes: vectors,
    domain: { from: 0.5, to: 2 },
    rejects: [
      { why: 'rate 1', build: () => dropout(float([2]), { rate: 1 }), code: 'ATTRIBUTE_INVALID' },
      {
        why: 'a negative rate',
        build: () => dropout(float([2]), { rate: -0.1 }),
        code: 'ATTRIBUTE_INVALID',
      },
      {
        why: 'integers',
        build: () => dropout(placeholder({ shape: [2], dtype: 'int32' }), { rate: 0.5 }),
        code: 'DTYPE_MISMATCH',
      },
      {
        why: 'a mask that does not fit',
        build: () => dropout(float([2, 3]), { rate: 0.5, noiseShape: [2, 2] }),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
  {
    name: 'shuffle keeps the elements',
    op: (x) => sort(shuffle(x)),
    formula: (x: Vector) => [...x].sort((a, b) => a - b),
    shapes: vectors,
    dtypes: ['float32', 'float64', 'int32'],
    rejects: [{ why: 'a scalar', build: () => shuffle(1), code: 'SHAPE_MISMATCH' }],
  },
  {
    name: 'randomPermutation has every number once',
    op: () => sort(randomPermutation({ size: 5 })),
    formula: () => [0, 1, 2, 3, 4],
    shapes: [[]],
  },
];
