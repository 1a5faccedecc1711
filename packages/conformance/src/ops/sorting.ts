import { argsort, type NestedArray, placeholder, sort, topK } from '@tenon/core';
import type { OpCase } from '../op-case.js';
import { numbers } from './elementwise-rows.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

/** Positions in order; the sort of arrays is stable, NaN counts as the largest. */
function order(row: Vector, descending = false): number[] {
  const key = (i: number) => (Number.isNaN(row[i]) ? Number.POSITIVE_INFINITY : (row[i] as number));
  return row.map((_, i) => i).sort((a, b) => (descending ? key(b) - key(a) : key(a) - key(b)));
}

const along =
  (each: (row: Vector) => Vector) =>
  (x: NestedArray): NestedArray =>
    Array.isArray((x as Matrix)[0]) ? (x as Matrix).map(each) : each(x as Vector);
const picked = (row: Vector, places: Vector): Vector => places.map((i) => row[i] as number);
const transposed = (x: Matrix): Matrix =>
  ((x[0] as Vector) ?? []).map((_, c) => x.map((row) => row[c] as number));

const shapes = [[[7]], [[3, 4]], [[2, 1]], [[0]], [[1]]];
const scalar = {
  why: 'a scalar',
  build: () => sort(placeholder({ shape: [] })),
  code: 'ATTRIBUTE_INVALID' as const,
};

export const sortingCases: readonly OpCase[] = [
  {
    name: 'sort',
    op: (x) => sort(x),
    formula: along((row) => picked(row, order(row))),
    shapes,
    dtypes: numbers,
    exact: [
      {
        why: 'NaN comes last, infinities in order',
        in: [[Number.NaN, 1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -1]],
        out: [Number.NEGATIVE_INFINITY, -1, 1, Number.POSITIVE_INFINITY, Number.NaN],
      },
    ],
    rejects: [
      scalar,
      {
        why: 'an axis that does not exist',
        build: () => sort(placeholder({ shape: [2] }), { axis: 1 }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'sort, descending along the first axis',
    op: (x) => sort(x, { axis: 0, direction: 'descending' }),
    formula: (x: Matrix) =>
      transposed(transposed(x).map((column) => picked(column, order(column, true)))),
    shapes: [[[4, 3]], [[1, 2]], [[5, 1]]],
    exact: [
      { why: 'NaN comes first', in: [[[1], [Number.NaN], [2]]], out: [[Number.NaN], [2], [1]] },
    ],
  },
  {
    name: 'argsort',
    op: (x) => argsort(x),
    formula: along((row) => order(row)),
    shapes,
    dtypes: numbers,
    exact: [{ why: 'equal elements keep their order', in: [[2, 1, 2, 1]], out: [1, 3, 0, 2] }],
  },
  {
    name: 'argsort, descending',
    op: (x) => argsort(x, { direction: 'descending' }),
    formula: along((row) => order(row, true)),
    shapes: [[[6]], [[2, 3]]],
    exact: [{ why: 'equal elements keep their order', in: [[2, 1, 2, 1]], out: [0, 2, 1, 3] }],
  },
  {
    name: 'topK',
    op: (x) => topK(x, { k: 2 }),
    formula: (x: Matrix) => {
      const places = x.map((row) => order(row, true).slice(0, 2));
      return [x.map((row, r) => picked(row, places[r] as Vector)), places];
    },
    shapes: [[[3, 4]], [[1, 2]], [[2, 5]]],
    dtypes: numbers,
    exact: [
      {
        why: 'of equal elements the first comes first',
        in: [[[1, 3, 3, 3]]],
        out: [[[3, 3]], [[1, 2]]],
      },
    ],
    rejects: [
      { why: 'more than there are', build: () => topK([[1, 2]], { k: 3 }), code: 'SHAPE_MISMATCH' },
      { why: 'a scalar', build: () => topK(1), code: 'SHAPE_MISMATCH' },
      { why: 'a negative k', build: () => topK([1], { k: -1 }), code: 'ATTRIBUTE_INVALID' },
    ],
  },
];
