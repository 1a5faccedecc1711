import * as tn from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { numbers, unaryCase } from './elementwise-rows.js';

const nothing: OpCase['shapes'] = [[]];
/** What takes no input: the dtype is the op's own. */
const made = (
  name: string,
  op: () => tn.Tensor,
  reference: () => tf.Tensor,
  more: Partial<OpCase> = {},
): OpCase => ({ name, op, reference, shapes: nothing, dtypes: ['float32'], ...more });

export const creationCases: readonly OpCase[] = [
  made(
    'iota',
    () => tn.iota({ shape: [2, 3, 4], axis: 1 }),
    () => tf.tile(tf.reshape(tf.range(0, 3, 1, 'int32'), [1, 3, 1]), [2, 1, 4]),
    {
      rejects: [
        {
          why: 'an axis that does not exist',
          build: () => tn.iota({ shape: [2], axis: 1 }),
          code: 'ATTRIBUTE_INVALID',
        },
        {
          why: 'bool',
          build: () => tn.iota({ shape: [2], dtype: 'bool' }),
          code: 'DTYPE_MISMATCH',
        },
        { why: 'a scalar', build: () => tn.iota({ shape: [] }), code: 'ATTRIBUTE_INVALID' },
      ],
    },
  ),
  made(
    'iota of no elements',
    () => tn.iota({ shape: [0, 3] }),
    () => tf.zeros([0, 3], 'int32'),
  ),
  made(
    'fill',
    () => tn.fill({ shape: [2, 3], value: 1.5 }),
    () => tf.fill([2, 3], 1.5),
    {
      rejects: [
        {
          why: 'a negative size',
          build: () => tn.fill({ shape: [-1], value: 0 }),
          code: 'ATTRIBUTE_INVALID',
        },
      ],
    },
  ),
  made(
    'fill, scalar of int32',
    () => tn.fill({ shape: [], value: 7, dtype: 'int32' }),
    () => tf.scalar(7, 'int32'),
  ),
  made(
    'fill, empty',
    () => tn.fill({ shape: [0, 2], value: 1 }),
    () => tf.zeros([0, 2]),
  ),
  made(
    'zeros',
    () => tn.zeros({ shape: [3], dtype: 'int32' }),
    () => tf.zeros([3], 'int32'),
  ),
  made(
    'ones',
    () => tn.ones({ shape: [3, 2] }),
    () => tf.ones([3, 2]),
  ),
  unaryCase('zerosLike', { op: tn.zerosLike, reference: (x) => tf.zerosLike(x), dtypes: numbers }),
  unaryCase('onesLike', { op: tn.onesLike, reference: (x) => tf.onesLike(x), dtypes: numbers }),
  unaryCase('fullLike', {
    op: (x) => tn.fullLike(x, { value: 3 }),
    reference: (x) => tf.mul(tf.onesLike(x), tf.cast(3, x.dtype)),
    dtypes: numbers,
  }),
  unaryCase('onesLike, of another dtype', {
    op: (x) => tn.onesLike(x, { dtype: 'int32' }),
    reference: (x) => tf.onesLike(tf.cast(x, 'int32')),
  }),
  made(
    'eye',
    () => tn.eye({ rows: 3 }),
    () => tf.eye(3),
  ),
  made(
    'eye, wide, batch',
    () => tn.eye({ rows: 2, columns: 4, batchShape: [2, 1], dtype: 'int32' }),
    () => tf.eye(2, 4, [2, 1] as unknown as [number, number], 'int32'),
  ),
  made(
    'range',
    () => tn.range({ stop: 5 }),
    () => tf.range(0, 5),
  ),
  made(
    'range, steps',
    () => tn.range({ start: 1, stop: 8, step: 3, dtype: 'int32' }),
    () => tf.range(1, 8, 3, 'int32'),
  ),
  made(
    'range, downwards',
    () => tn.range({ start: 3, stop: 0 }),
    () => tf.range(3, 0),
  ),
  made(
    'range, fractions',
    () => tn.range({ start: 0, stop: 1, step: 0.25 }),
    () => tf.range(0, 1, 0.25),
  ),
  made(
    'range, away from stop',
    () => tn.range({ start: 0, stop: 3, step: -1 }),
    () => tf.zeros([0]),
    {
      rejects: [
        {
          why: 'a step of 0',
          build: () => tn.range({ stop: 3, step: 0 }),
          code: 'ATTRIBUTE_INVALID',
        },
        {
          why: 'no end',
          build: () => tn.range({ stop: Number.POSITIVE_INFINITY }),
          code: 'ATTRIBUTE_INVALID',
        },
      ],
    },
  ),
  made(
    'range, long in half precision',
    () =>
      tn.cast(tn.range({ start: 2046, stop: 2054, step: 2, dtype: 'float16' }), { dtype: 'int32' }),
    () => tf.tensor([2046, 2048, 2050, 2052], [4], 'int32'),
  ),
  made(
    'linspace',
    () => tn.linspace({ start: 0, stop: 1, num: 7 }),
    () => tf.linspace(0, 1, 7),
    {
      rejects: [
        {
          why: 'none',
          build: () => tn.linspace({ start: 0, stop: 1, num: 0 }),
          code: 'ATTRIBUTE_INVALID',
        },
      ],
    },
  ),
  made(
    'linspace, one',
    () => tn.linspace({ start: 2, stop: 9, num: 1 }),
    () => tf.tensor1d([2]),
  ),
  made(
    'last of linspace',
    () =>
      tn.equal(
        tn.sum(tn.linspace({ start: -0.3, stop: 0.7, num: 12 }), { axis: 0 }),
        tn.sum(tn.linspace({ start: -0.3, stop: 0.7, num: 12 })),
      ),
    () => tf.scalar(true, 'bool'),
  ),
];
