import { gather, gatherND, takeAlongAxis } from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Domain, OpCase } from '../op-case.js';
import { below, everyDType, float, int, rejected, tuples } from './operands.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

const any: Domain = { from: -2, to: 2 };

export const gatherCases: readonly OpCase[] = [
  {
    name: 'gather',
    op: (x, i) => gather(x, i),
    reference: (x: tf.Tensor, i: tf.Tensor) => tf.gather(x, i as tf.Tensor1D),
    shapes: [
      [[4], []],
      [[4], [7]],
      [[4, 3], [5]],
      [
        [4, 2, 3],
        [2, 2],
      ],
      [[4, 0], [3]],
      [[4, 3], [0]],
    ],
    dtypes: everyDType,
    inputDTypes: [null, 'int32'],
    domain: [any, below(4)],
    exact: [
      {
        why: 'NaN, infinities and the sign of zero pass through',
        in: [
          [Number.NaN, -0, Number.POSITIVE_INFINITY],
          [1, 0, 2, 1],
        ],
        out: [-0, Number.NaN, Number.POSITIVE_INFINITY, -0],
      },
    ],
    rejects: [
      rejected(
        'indices that are no integers',
        () => gather(float([3]), float([2])),
        'DTYPE_MISMATCH',
      ),
      rejected('fractions as indices', () => gather(float([3]), [0.5]), 'VALUE_INVALID'),
      rejected(
        'an axis that does not exist',
        () => gather(float([3]), [0], { axis: 1 }),
        'ATTRIBUTE_INVALID',
      ),
      rejected('a scalar', () => gather(1, [0]), 'ATTRIBUTE_INVALID'),
      rejected(
        'more batch axes than axes in front of axis',
        () => gather(float([3, 3]), int([3]), { batchDims: 1 }),
        'ATTRIBUTE_INVALID',
      ),
      rejected(
        'batch axes that differ',
        () => gather(float([3, 3]), int([2, 3]), { axis: 1, batchDims: 1 }),
        'SHAPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'gather, int64 indices, inner axis',
    op: (x, i) => gather(x, i, { axis: -2 }),
    reference: (x: tf.Tensor, i: tf.Tensor) => tf.gather(x, i as tf.Tensor1D, x.rank - 2),
    shapes: [
      [
        [2, 3, 2],
        [2, 2],
      ],
      [[3, 5], []],
      [[1, 3, 1], [4]],
    ],
    inputDTypes: [null, 'int64'],
    domain: [any, below(3)],
  },
  {
    name: 'gather, one batch axis',
    op: (x, i) => gather(x, i, { axis: 1, batchDims: 1 }),
    reference: (x: tf.Tensor, i: tf.Tensor) => tf.gather(x, i as tf.Tensor1D, 1, 1),
    shapes: [
      [
        [2, 3],
        [2, 4],
      ],
      [
        [2, 3, 2],
        [2, 2, 2],
      ],
      [
        [3, 3, 1],
        [3, 1],
      ],
    ],
    dtypes: ['float32', 'float64', 'bfloat16', 'int32'],
    inputDTypes: [null, 'int32'],
    domain: [any, below(3)],
  },
  {
    name: 'gather, batch axis apart from axis',
    op: (x, i) => gather(x, i, { axis: 2, batchDims: -1 }),
    reference: (x: tf.Tensor, i: tf.Tensor) => tf.gather(x, i as tf.Tensor1D, 2, 1),
    shapes: [
      [
        [2, 2, 3],
        [2, 4],
      ],
      [
        [3, 1, 3, 2],
        [3, 2],
      ],
    ],
    inputDTypes: [null, 'int32'],
    domain: [any, below(3)],
  },
  {
    name: 'gatherND',
    op: (x, i) => gatherND(x, i),
    reference: (x: tf.Tensor, i: tf.Tensor) => tf.gatherND(x, i),
    shapes: [
      [
        [3, 3],
        [4, 2],
      ],
      [[3], [2, 1]],
      [
        [3, 3, 2],
        [2, 2, 2],
      ],
      [
        [3, 2, 2],
        [1, 1],
      ],
      [
        [3, 3, 3],
        [5, 3],
      ],
    ],
    dtypes: everyDType,
    inputDTypes: [null, 'int32'],
    domain: [any, { from: 0, to: 1, integer: true }],
    unknownShapes: tuples,
    exact: [
      {
        why: 'an empty tuple is the whole tensor',
        in: [
          [1, 2],
          [[], []],
        ],
        out: [
          [1, 2],
          [1, 2],
        ],
      },
    ],
    rejects: [
      rejected(
        'tuples longer than the rank',
        () => gatherND(float([3]), int([2, 2])),
        'SHAPE_MISMATCH',
      ),
      rejected('a scalar index', () => gatherND(float([3]), int([])), 'SHAPE_MISMATCH'),
      rejected(
        'tuples of unknown length',
        () => gatherND(float([3]), int([2, null])),
        'SHAPE_UNKNOWN',
      ),
    ],
  },
  {
    name: 'takeAlongAxis, last',
    op: (x, i) => takeAlongAxis(x, i),
    formula: (x: Matrix, i: Matrix) =>
      i.map((row, r) => row.map((at) => (x[r] as Vector)[at] as number)),
    shapes: [
      [
        [2, 3],
        [2, 4],
      ],
      [
        [3, 3],
        [3, 1],
      ],
      [
        [2, 3],
        [2, 0],
      ],
    ],
    dtypes: everyDType.slice(0, -1),
    inputDTypes: [null, 'int32'],
    domain: [any, below(3)],
    rejects: [
      rejected(
        'other axes that differ',
        () => takeAlongAxis(float([2, 3]), int([3, 3])),
        'SHAPE_MISMATCH',
      ),
      rejected('another rank', () => takeAlongAxis(float([2, 3]), int([3])), 'SHAPE_MISMATCH'),
    ],
  },
  {
    name: 'takeAlongAxis, first',
    op: (x, i) => takeAlongAxis(x, i, { axis: 0 }),
    formula: (x: Matrix, i: Matrix) =>
      i.map((row) => row.map((at, c) => (x[at] as Vector)[c] as number)),
    shapes: [
      [
        [3, 2],
        [4, 2],
      ],
      [
        [3, 1],
        [1, 1],
      ],
    ],
    inputDTypes: [null, 'int64'],
    domain: [any, below(3)],
  },
];
