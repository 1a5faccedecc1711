import {
  bincount,
  confusionMatrix,
  denseBincount,
  inTopK,
  lowerBound,
  searchSorted,
  sort,
  sparseToDense,
  upperBound,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Domain, OpCase } from '../op-case.js';
import { float, int, whole } from './operands.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

const any: Domain = { from: -2, to: 2 };
const total = (column: Vector): number => column.reduce((sum, value) => sum + value, 0);

const counts: readonly OpCase[] = [
  {
    name: 'bincount',
    op: (x, weights) => bincount(x, weights, { size: 4 }),
    reference: (x: tf.Tensor1D, weights: tf.Tensor1D) => tf.bincount(x, weights, 4),
    shapes: [
      [[7], [7]],
      [[1], [1]],
      [[9], [9]],
    ],
    inputDTypes: ['int32', null],
    domain: [whole(0, 6), any],
    rejects: [
      {
        why: 'a matrix',
        build: () => bincount(int([2, 2]), [], { size: 3 }),
        code: 'SHAPE_MISMATCH',
      },
      {
        why: 'numbers that are no integers',
        build: () => bincount(float([2]), [], { size: 3 }),
        code: 'DTYPE_MISMATCH',
      },
      {
        why: 'a negative size',
        build: () => bincount(int([2]), [], { size: -1 }),
        code: 'ATTRIBUTE_INVALID',
      },
      {
        why: 'weights of another shape',
        build: () => bincount(int([2]), [1, 2, 3], { size: 2 }),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
  {
    name: 'denseBincount of rows, without weights',
    op: (x) => denseBincount(x, [], { size: 4 }),
    reference: (x: tf.Tensor2D) => tf.denseBincount(x, tf.tensor([], [0, 0]), 4),
    shapes: [[[2, 7]], [[3, 1]], [[6]]],
    dtypes: ['int32'],
    domain: whole(0, 6),
  },
  {
    name: 'denseBincount, weights of rows',
    op: (x, weights) => denseBincount(x, weights, { size: 3 }),
    reference: (x: tf.Tensor2D, weights: tf.Tensor2D) => tf.denseBincount(x, weights, 3),
    shapes: [
      [
        [2, 5],
        [2, 5],
      ],
      [
        [1, 3],
        [1, 3],
      ],
    ],
    inputDTypes: ['int32', null],
    domain: [whole(0, 4), any],
  },
  {
    name: 'denseBincount, binary',
    op: (x) => denseBincount(x, [], { size: 4, binaryOutput: true }),
    reference: (x: tf.Tensor2D) => tf.denseBincount(x, tf.tensor([], [0, 0]), 4, true),
    shapes: [[[2, 7]], [[1, 5]]],
    exact: [{ why: 'a vector too', in: [[1, 1, 5, 2]], out: [0, 1, 1, 0] }],
    dtypes: ['int32'],
    domain: whole(0, 6),
  },
  {
    name: 'confusionMatrix',
    op: (labels, predictions) => confusionMatrix(labels, predictions, { numClasses: 3 }),
    reference: (labels: tf.Tensor1D, predictions: tf.Tensor1D) =>
      tf.math.confusionMatrix(labels, predictions, 3),
    shapes: [
      [[9], [9]],
      [[1], [1]],
    ],
    dtypes: ['int32', 'int64'],
    domain: whole(0, 2),
    exact: [
      {
        why: 'what is outside is left out',
        in: [
          [0, 1, -1, 3],
          [0, 5, 1, 2],
        ],
        out: [
          [1, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
      },
    ],
    rejects: [
      {
        why: 'sizes that differ',
        build: () => confusionMatrix([0], [0, 1], { numClasses: 2 }),
        code: 'SHAPE_MISMATCH',
      },
      {
        why: 'no classes',
        build: () => confusionMatrix([0], [0], { numClasses: 0 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'confusionMatrix, weights',
    op: (labels, predictions, weights) =>
      confusionMatrix(labels, predictions, { numClasses: 2, weights }),
    formula: (labels: Vector, predictions: Vector, weights: Vector) => {
      const at = (r: number, c: number) =>
        total(weights.filter((_, i) => labels[i] === r && predictions[i] === c));
      return [
        [at(0, 0), at(0, 1)],
        [at(1, 0), at(1, 1)],
      ];
    },
    shapes: [
      [[6], [6], [6]],
      [[1], [1], [1]],
    ],
    inputDTypes: ['int32', 'int32', null],
    domain: [whole(0, 1), whole(0, 1), any],
  },
];

const lookups: readonly OpCase[] = [
  {
    name: 'searchSorted',
    op: (sequence, values) => searchSorted(sort(sequence), values),
    formula: (sequence: Matrix, values: Matrix) =>
      values.map((row, r) => row.map((v) => (sequence[r] as Vector).filter((s) => s < v).length)),
    shapes: [
      [
        [2, 5],
        [2, 7],
      ],
      [
        [1, 1],
        [1, 3],
      ],
      [
        [2, 3],
        [2, 0],
      ],
    ],
    dtypes: ['float32', 'float64', 'float16', 'int32', 'int64'],
    exact: [
      {
        why: 'in front of equal elements',
        in: [
          [1, 2, 2, 3],
          [0, 2, 2.5, 9],
        ],
        out: [0, 1, 3, 4],
      },
    ],
    rejects: [
      {
        why: 'rows that do not fit',
        build: () => searchSorted(float([2, 3]), float([3, 3])),
        code: 'SHAPE_MISMATCH',
      },
      { why: 'a scalar', build: () => searchSorted(float([3]), 1), code: 'SHAPE_MISMATCH' },
    ],
  },
  {
    name: 'lowerBound',
    op: (values) => lowerBound([0, 1, 1, 2], values),
    reference: (values: tf.Tensor) =>
      tf.reshape(tf.lowerBound(tf.tensor([0, 1, 1, 2]), values), values.shape),
    shapes: [[[6]]],
    domain: whole(-1, 3),
  },
  {
    name: 'upperBound',
    op: (values) => upperBound([0, 1, 1, 2], values),
    reference: (values: tf.Tensor) =>
      tf.reshape(tf.upperBound(tf.tensor([0, 1, 1, 2]), values), values.shape),
    shapes: [[[6]]],
    domain: whole(-1, 3),
  },
  {
    name: 'inTopK',
    op: (predictions, targets) => inTopK(predictions, targets, { k: 2 }),
    formula: (predictions: Matrix, targets: Vector) =>
      predictions.map((row, r) => {
        const target = targets[r] as number;
        const before = row.filter(
          (value, i) => value > (row[target] as number) || (value === row[target] && i < target),
        );
        return before.length < 2;
      }),
    shapes: [
      [[5, 4], [5]],
      [[1, 4], [1]],
    ],
    inputDTypes: [null, 'int32'],
    domain: [any, whole(0, 3)],
    rejects: [
      {
        why: 'targets that do not fit',
        build: () => inTopK(float([2, 3]), int([3])),
        code: 'SHAPE_MISMATCH',
      },
      {
        why: 'more than there are',
        build: () => inTopK(float([2, 3]), int([2]), { k: 4 }),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
  {
    name: 'sparseToDense',
    op: (values) =>
      sparseToDense(
        [
          [1, 0],
          [0, 2],
          [2, 2],
        ],
        values,
        { shape: [3, 3], defaultValue: -1 },
      ),
    reference: (values: tf.Tensor1D) =>
      tf.sparseToDense(
        tf.tensor2d(
          [
            [1, 0],
            [0, 2],
            [2, 2],
          ],
          [3, 2],
          'int32',
        ),
        values,
        [3, 3],
        tf.scalar(-1, values.dtype),
      ),
    shapes: [[[3]]],
    dtypes: ['float32', 'float64', 'int32'],
  },
  {
    name: 'sparseToDense of one value',
    op: (value) => sparseToDense([1, 3], value, { shape: [5] }),
    reference: (value: tf.Scalar) =>
      tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), value, [5], tf.scalar(0)),
    shapes: [[[]]],
    rejects: [
      {
        why: 'values that do not fit',
        build: () => sparseToDense([1, 3], [1, 2, 3], { shape: [5] }),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
];

export const countingCases: readonly OpCase[] = [...counts, ...lookups];
