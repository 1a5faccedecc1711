import {
  type DType,
  segmentMax,
  segmentMean,
  segmentMin,
  segmentProd,
  segmentSum,
  unsortedSegmentMax,
  unsortedSegmentMean,
  unsortedSegmentMin,
  unsortedSegmentProd,
  unsortedSegmentSum,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Domain, OpCase } from '../op-case.js';
import { float, int, whole } from './operands.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

const any: Domain = { from: -2, to: 2 };
const apart: Domain = { from: 0.5, to: 2 };
const numbers: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16', 'int32', 'int64'];
const numSegments = 3;

const folded =
  (fold: (column: Vector) => number) =>
  (x: Matrix, ids: Vector): Matrix =>
    Array.from({ length: numSegments }, (_, s) => {
      const rows = x.filter((_row, i) => ids[i] === s);
      return (x[0] as Vector).map((_value, c) => fold(rows.map((row) => row[c] as number)));
    });

const total = (column: Vector): number => column.reduce((sum, value) => sum + value, 0);
const rowShapes = [
  [[7, 2], [7]],
  [[4, 1], [4]],
  [[9, 3], [9]],
];
const exactly = (
  why: string,
  in_: NonNullable<OpCase['exact']>[number]['in'],
  out: NonNullable<OpCase['exact']>[number]['out'],
) => ({ why, in: in_, out });

interface Extreme {
  readonly name: string;
  readonly op: typeof unsortedSegmentMax;
  readonly of: (...values: number[]) => number;
  /** What an int32 segment without rows holds. */
  readonly least: number;
}

/** A row for the largest or the least of each segment. */
function extreme({ name, op, of, least }: Extreme): OpCase {
  const [rows, ids] = [
    [1, 2, 4],
    [0, 2, 0],
  ];
  return {
    name,
    op: (x, segmentIds) => op(x, segmentIds, { numSegments }),
    formula: folded((column) => of(...column)),
    shapes: rowShapes,
    inputDTypes: [null, 'int32'],
    domain: [any, whole(-1, 2)],
    gradient: { skipped: 'segments without rows are infinite; the row of fixed segments has them' },
    exact: [
      exactly('a segment without rows is infinite', [rows, ids], [of(1, 4), of(), 2]),
      { ...exactly('integers: the limit', [rows, ids], [of(1, 4), least, 2]), dtype: 'int32' },
    ],
  };
}

const unsorted: readonly OpCase[] = [
  {
    name: 'unsortedSegmentSum',
    op: (x, ids) => unsortedSegmentSum(x, ids, { numSegments }),
    reference: (x: tf.Tensor, ids: tf.Tensor) =>
      tf.unsortedSegmentSum(x, ids as tf.Tensor1D, numSegments),
    shapes: [[[7], [7]], ...rowShapes, [[5, 2, 3], [5]]],
    inputDTypes: [null, 'int32'],
    domain: [any, whole(0, 2)],
    exact: [
      exactly(
        'a segment without rows is 0, rows of a negative one are left out',
        [
          [1, 2, 3, 4],
          [0, -1, 2, 0],
        ],
        [5, 0, 3],
      ),
      exactly(
        'ids of two axes',
        [
          [
            [1, 2],
            [3, 4],
          ],
          [
            [0, 2],
            [2, 2],
          ],
        ],
        [1, 0, 9],
      ),
      exactly('no rows', [[], []], [0, 0, 0]),
    ],
    rejects: [
      {
        why: 'ids that do not fit',
        build: () => unsortedSegmentSum(float([3]), int([2]), { numSegments }),
        code: 'SHAPE_MISMATCH',
      },
      {
        why: 'ids that are no integers',
        build: () => unsortedSegmentSum(float([3]), float([3]), { numSegments }),
        code: 'DTYPE_MISMATCH',
      },
      {
        why: 'a negative count',
        build: () => unsortedSegmentSum(float([3]), int([3]), { numSegments: -1 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'unsortedSegmentSum of integers',
    op: (x, ids) => unsortedSegmentSum(x, ids, { numSegments }),
    formula: folded(total),
    shapes: rowShapes,
    dtypes: ['int32', 'int64', 'int8'],
    inputDTypes: [null, 'uint8'],
    domain: [whole(-5, 5), whole(0, 2)],
  },
  {
    name: 'unsortedSegmentMean',
    op: (x, ids) => unsortedSegmentMean(x, ids, { numSegments }),
    formula: folded((column) => (column.length ? total(column) / column.length : 0)),
    shapes: rowShapes,
    inputDTypes: [null, 'int64'],
    domain: [any, whole(-1, 2)],
    exact: [
      exactly(
        'a segment without rows is 0',
        [
          [1, 2, 3, 4],
          [0, -1, 2, 0],
        ],
        [2.5, 0, 3],
      ),
    ],
  },
  {
    name: 'unsortedSegmentProd',
    op: (x, ids) => unsortedSegmentProd(x, ids, { numSegments }),
    formula: folded((column) => column.reduce((product, value) => product * value, 1)),
    shapes: rowShapes,
    dtypes: numbers,
    inputDTypes: [null, 'int32'],
    domain: [apart, whole(-1, 2)],
    tolerance: 2e-5,
    exact: [
      exactly(
        'a segment without rows is 1',
        [
          [2, 5, 3, 4],
          [0, -1, 2, 0],
        ],
        [8, 1, 3],
      ),
    ],
  },
  extreme({ name: 'unsortedSegmentMax', op: unsortedSegmentMax, of: Math.max, least: -(2 ** 31) }),
  extreme({ name: 'unsortedSegmentMin', op: unsortedSegmentMin, of: Math.min, least: 2 ** 31 - 1 }),
];

const scatteredSegments = [0, 2, 1, 0, -1, 2, 1];

const extremes: readonly OpCase[] = [
  {
    name: 'unsortedSegmentMax of fixed segments',
    op: (x) => unsortedSegmentMax(x, scatteredSegments, { numSegments }),
    formula: (x: Matrix) => folded((column) => Math.max(...column))(x, scatteredSegments),
    shapes: [[[7, 2]], [[7, 1]]],
  },
  {
    name: 'unsortedSegmentMin of fixed segments',
    op: (x) => unsortedSegmentMin(x, scatteredSegments, { numSegments }),
    formula: (x: Matrix) => folded((column) => Math.min(...column))(x, scatteredSegments),
    shapes: [[[7, 2]], [[7, 1]]],
  },
];

const segments = [0, 0, 1, 2, 2];
const sortedOps = { segmentSum, segmentMean, segmentProd, segmentMax, segmentMin };
const unsortedFolds: Record<keyof typeof sortedOps, (column: Vector) => number> = {
  segmentSum: total,
  segmentMean: (column) => (column.length ? total(column) / column.length : 0),
  segmentProd: (column) => column.reduce((product, value) => product * value, 1),
  segmentMax: (column) => Math.max(...column),
  segmentMin: (column) => Math.min(...column),
};

const sorted: readonly OpCase[] = (Object.keys(sortedOps) as (keyof typeof sortedOps)[]).map(
  (name) => ({
    name,
    op: (x) => sortedOps[name](x, segments),
    formula: (x: Matrix) => folded(unsortedFolds[name])(x, segments),
    shapes: [[[5, 2]], [[5, 1]]],
    domain: apart,
    tolerance: 2e-5,
    rejects: [
      {
        why: 'constant segments that fall',
        build: () => sortedOps[name](float([2]), [1, 0]),
        code: 'VALUE_INVALID',
      },
      {
        why: 'an unknown number of segments',
        build: () => sortedOps[name](float([2]), int([2])),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  }),
);

export const segmentCases: readonly OpCase[] = [...unsorted, ...extremes, ...sorted];
