import {
  type NestedArray,
  putAlongAxis,
  scatterAdd,
  scatterND,
  scatterRows,
  scatterSet,
  tensorScatterAdd,
  tensorScatterUpdate,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Domain, OpCase } from '../op-case.js';
import { below, float, int, rejected, tuples } from './operands.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

const any: Domain = { from: -2, to: 2 };

/** Rows of base with updates combined in order. */
function scattered(combine: (old: number, update: number) => number) {
  return (base: Matrix, indices: Vector, updates: Matrix): NestedArray => {
    const rows = base.map((row) => [...row]);
    indices.forEach((at, i) => {
      rows[at] = (rows[at] as number[]).map((old, c) =>
        combine(old, (updates[i] as Vector)[c] as number),
      );
    });
    return rows;
  };
}

const scatterShapes = [
  [[4, 2], [3], [3, 2]],
  [[4, 1], [6], [6, 1]],
  [[4, 3], [0], [0, 3]],
];
const scatterDomain = [any, below(4), any];
const apart: Domain = { from: 0.5, to: 2 };

export const scatteringCases: readonly OpCase[] = [
  {
    name: 'scatterAdd',
    op: (base, i, updates) => scatterAdd(base, i, updates),
    formula: scattered((old, update) => old + update),
    shapes: scatterShapes,
    dtypes: ['float32', 'float64', 'float16', 'bfloat16', 'int32', 'int64'],
    inputDTypes: [null, 'int32', null],
    domain: scatterDomain,
    rejects: [
      rejected(
        'updates of another size',
        () => scatterAdd(float([4, 2]), int([3]), float([2, 2])),
        'SHAPE_MISMATCH',
      ),
      rejected(
        'updates of another dtype',
        () => scatterAdd(float([4]), int([3]), int([3])),
        'DTYPE_MISMATCH',
      ),
      rejected('a scalar base', () => scatterAdd(1, int([3]), float([3])), 'SHAPE_MISMATCH'),
    ],
  },
  {
    name: 'scatterSet',
    op: (base, i, updates) => scatterSet(base, i, updates),
    formula: scattered((_, update) => update),
    shapes: scatterShapes,
    dtypes: ['float32', 'float64', 'float16', 'bfloat16', 'int32', 'int64', 'uint8'],
    inputDTypes: [null, 'int32', null],
    domain: scatterDomain,
  },
  ...(['max', 'min', 'prod'] as const).map(
    (mode): OpCase => ({
      name: `scatterRows, ${mode}`,
      op: (base, i, updates) => scatterRows(base, i, updates, { mode }),
      formula: scattered(
        { max: Math.max, min: Math.min, prod: (a: number, b: number) => a * b }[mode],
      ),
      shapes: scatterShapes,
      dtypes: ['float32', 'float64', 'bfloat16', 'int32'],
      inputDTypes: [null, 'int32', null],
      domain: [apart, below(4), apart],
    }),
  ),
  {
    name: 'scatterND',
    op: (i, updates) => scatterND(i, updates, { shape: [3, 3, 2] }),
    reference: (i: tf.Tensor, updates: tf.Tensor) => tf.scatterND(i, updates, [3, 3, 2]),
    shapes: [
      [
        [4, 2],
        [4, 2],
      ],
      [
        [2, 1],
        [2, 3, 2],
      ],
      [[5, 3], [5]],
    ],
    dtypes: ['float32', 'float64', 'bfloat16', 'int32'],
    inputDTypes: ['int32', null],
    domain: [{ from: 0, to: 1, integer: true }, any],
    unknownShapes: tuples,
    exact: [
      {
        why: 'duplicates are added up',
        in: [
          [
            [0, 0, 1],
            [0, 0, 1],
          ],
          [3, 4],
        ],
        out: [
          [
            [0, 7],
            [0, 0],
            [0, 0],
          ],
          [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
          [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        ],
      },
    ],
    rejects: [
      rejected(
        'updates that do not fit',
        () => scatterND(int([4, 1]), float([3]), { shape: [8] }),
        'SHAPE_MISMATCH',
      ),
      rejected(
        'scalar indices',
        () => scatterND(int([]), float([]), { shape: [8] }),
        'SHAPE_MISMATCH',
      ),
      rejected(
        'indices that are no integers',
        () => scatterND(float([4, 1]), float([4]), { shape: [8] }),
        'DTYPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'tensorScatterAdd',
    op: (x, i, updates) => tensorScatterAdd(x, i, updates),
    formula: (x: Matrix, i: Matrix, updates: Vector) => {
      const y = x.map((row) => [...row]);
      i.forEach(([r, c], n) => {
        const row = y[r as number] as number[];
        row[c as number] = (row[c as number] as number) + (updates[n] as number);
      });
      return y;
    },
    shapes: [
      [[2, 3], [4, 2], [4]],
      [[2, 2], [0, 2], [0]],
    ],
    inputDTypes: [null, 'int32', null],
    domain: [any, { from: 0, to: 1, integer: true }, any],
    unknownShapes: tuples,
  },
  {
    name: 'tensorScatterUpdate',
    op: (x, i, updates) => tensorScatterUpdate(x, i, updates),
    reference: (x: tf.Tensor, i: tf.Tensor, updates: tf.Tensor) =>
      tf.tensorScatterUpdate(x, i, updates),
    shapes: [
      [[2, 3], [2, 2], [2]],
      [
        [2, 3],
        [1, 1],
        [1, 3],
      ],
      [
        [2, 2, 2],
        [3, 1],
        [3, 2, 2],
      ],
    ],
    dtypes: ['float32', 'float64', 'float16', 'int32'],
    inputDTypes: [null, 'int32', null],
    domain: [any, { from: 0, to: 1, integer: true }, any],
    unknownShapes: tuples,
    exact: [
      {
        why: 'of two for one place the last stays',
        in: [
          [1, 2],
          [[0], [0]],
          [7, 8],
        ],
        out: [8, 2],
      },
    ],
    rejects: [
      rejected(
        'updates that do not fit',
        () => tensorScatterUpdate(float([4]), int([2, 1]), float([3])),
        'SHAPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'putAlongAxis',
    op: (x, i, like) => putAlongAxis(x, i, like),
    formula: (x: Matrix, i: Matrix, like: Matrix) => {
      const y = like.map((row) => row.map(() => 0));
      x.forEach((row, r) => {
        const target = y[r] as number[];
        row.forEach((value, c) => {
          const at = (i[r] as Vector)[c] as number;
          target[at] = (target[at] as number) + value;
        });
      });
      return y;
    },
    shapes: [
      [
        [2, 4],
        [2, 4],
        [2, 3],
      ],
      [
        [3, 1],
        [3, 1],
        [3, 3],
      ],
    ],
    inputDTypes: [null, 'int32', null],
    domain: [any, below(3), any],
  },
];
