import {
  type DType,
  flatIndex,
  gather,
  gatherND,
  invertPermutation,
  type NestedArray,
  oneHot,
  placeholder,
  putAlongAxis,
  ravelIndex,
  scatterAdd,
  scatterND,
  scatterRows,
  scatterSet,
  takeAlongAxis,
  tensorScatterAdd,
  tensorScatterUpdate,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Domain, OpCase } from '../op-case.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

const any: Domain = { from: -2, to: 2 };
/** Indices of an axis of `size`. */
const below = (size: number): Domain => ({ from: 0, to: size - 1, integer: true });
const int = (shape: (number | null)[]) => placeholder({ shape, dtype: 'int32' });
const float = (shape: (number | null)[]) => placeholder({ shape });
const movable: readonly DType[] = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int32',
  'int64',
  'int8',
  'uint8',
  'bool',
];
const tuples = { skipped: 'the rank of the result depends on the length of the tuples' };

const rejected = (
  why: string,
  build: () => unknown,
  code:
    | 'SHAPE_MISMATCH'
    | 'DTYPE_MISMATCH'
    | 'ATTRIBUTE_INVALID'
    | 'SHAPE_UNKNOWN'
    | 'VALUE_INVALID',
) => ({ why, build, code });

const gathers: readonly OpCase[] = [
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
    dtypes: movable,
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
    dtypes: movable,
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
    dtypes: movable.slice(0, -1),
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

const scatters: readonly OpCase[] = [
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

const positions: readonly OpCase[] = [
  {
    name: 'flatIndex',
    op: (i) => flatIndex(i, { size: 5, stride: 3, strides: [0, 1], negative: -2, beyond: -3 }),
    formula: (i: Matrix) =>
      i.map((row) => row.map((at, c) => (at < 0 ? -2 : at >= 5 ? -3 : 3 * at + c))),
    shapes: [[[4, 3]], [[1, 7]], [[0, 2]]],
    dtypes: ['int32', 'int64', 'int8', 'uint8'],
    domain: { from: -3, to: 8 },
  },
  {
    name: 'ravelIndex',
    op: (i) => ravelIndex(i, { sizes: [3, 4] }),
    formula: (i: Matrix) =>
      i.map(([a, b]) =>
        (a as number) < 3 && (b as number) < 4 && Math.min(a as number, b as number) >= 0
          ? 4 * (a as number) + (b as number)
          : -1,
      ),
    shapes: [[[9, 2]], [[1, 2]], [[0, 2]]],
    dtypes: ['int32', 'int64', 'uint8'],
    domain: { from: -1, to: 4 },
    exact: [{ why: 'a tuple outside gives -1', in: [[5, 3]], out: -1 }],
    rejects: [
      rejected(
        'tuples of another length',
        () => ravelIndex(int([2, 3]), { sizes: [4] }),
        'SHAPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'oneHot',
    op: (i) => oneHot(i, { depth: 3 }),
    reference: (i: tf.Tensor) => tf.oneHot(i as tf.Tensor1D, 3),
    shapes: [[[]], [[5]], [[2, 3]], [[0]]],
    dtypes: ['int32', 'int64', 'int8', 'uint8'],
    domain: { from: -2, to: 4 },
    rejects: [
      rejected('depth 0', () => oneHot([1], { depth: 0 }), 'ATTRIBUTE_INVALID'),
      rejected(
        'indices that are no integers',
        () => oneHot(float([2]), { depth: 3 }),
        'DTYPE_MISMATCH',
      ),
    ],
  },
  {
    name: 'oneHot, own values',
    op: (i) => oneHot(i, { depth: 2, onValue: 3, offValue: -2, dtype: 'float32' }),
    reference: (i: tf.Tensor) => tf.oneHot(i as tf.Tensor1D, 2, 3, -2, 'float32'),
    shapes: [[[4]]],
    dtypes: ['int32'],
    domain: below(2),
  },
  {
    name: 'invertPermutation',
    op: (p) => invertPermutation(p),
    shapes: [[[1]], [[0]]],
    dtypes: ['int32', 'int64'],
    domain: below(1),
    exact: [{ why: 'it undoes the permutation', in: [[3, 0, 2, 1]], out: [1, 3, 2, 0] }],
    rejects: [rejected('a matrix', () => invertPermutation(int([2, 2])), 'SHAPE_MISMATCH')],
  },
];

export const indexingCases: readonly OpCase[] = [...gathers, ...scatters, ...positions];
