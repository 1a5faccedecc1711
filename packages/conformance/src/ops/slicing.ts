import {
  crop,
  cropLike,
  dynamicSlice,
  dynamicUpdate,
  mirrorPad,
  pad,
  placeholder,
  placeLike,
  shift,
  slice,
  stridedSlice,
  type Tensor,
  window,
  windowIndices,
  windowLike,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { everyDType } from './operands.js';

const of = (...shape: (number | null)[]): Tensor => placeholder({ shape });
const ints = (...shape: number[]): Tensor => placeholder({ shape, dtype: 'int32' });
const { POSITIVE_INFINITY: inf } = Number;

type Rejects = NonNullable<OpCase['rejects']>;
type Shapes = readonly (readonly number[])[];

const text = (attrs: object): string => JSON.stringify(attrs).replaceAll('"', '');

interface Family<A> {
  readonly name: string;
  readonly list: readonly (readonly [attrs: A, shapes: Shapes])[];
  readonly op: (x: Tensor, attrs: A) => Tensor;
  readonly reference: (x: tf.Tensor, attrs: A) => tf.Tensor;
  readonly rejects: Rejects;
  readonly dtypes?: OpCase['dtypes'];
}

/** One op under several attributes; the first variant carries the refusals. */
const family = <A extends object>({
  name,
  list,
  op,
  reference,
  rejects,
  dtypes = everyDType,
}: Family<A>): OpCase[] =>
  list.map(([attrs, shapes], i) => ({
    name: `${name} ${text(attrs)}`,
    op: (x) => op(x, attrs),
    reference: (x: tf.Tensor) => reference(x, attrs),
    shapes: shapes.map((shape) => [shape]),
    dtypes,
    rejects: i === 0 ? rejects : [],
  }));

const slices = family<{ begin: number | number[]; size?: number | number[] }>({
  name: 'slice',
  list: [
    [{ begin: 1, size: 2 }, [[4], [3], [3, 2]]],
    [
      { begin: [0, 1, 2], size: [1, 2, -1] },
      [
        [2, 3, 4],
        [1, 3, 2],
      ],
    ],
    [
      { begin: [1, 0] },
      [
        [2, 3],
        [1, 3],
      ],
    ],
    [{ begin: [0], size: [0] }, [[2], [0]]],
    [{ begin: [], size: [] }, [[]]],
  ],
  op: slice,
  reference: (x, { begin, size }) =>
    x.rank === 0 ? x : tf.slice(x, begin, size as number[] | undefined),
  rejects: [
    {
      why: 'more than there is',
      build: () => slice(of(3), { begin: 2, size: 2 }),
      code: 'INDEX_OUT_OF_RANGE',
    },
    {
      why: 'a begin beyond the end',
      build: () => slice(of(3), { begin: 4 }),
      code: 'INDEX_OUT_OF_RANGE',
    },
    {
      why: 'a negative begin',
      build: () => slice(of(3), { begin: -1 }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'too many axes',
      build: () => slice(of(3), { begin: [0, 0] }),
      code: 'ATTRIBUTE_INVALID',
    },
  ],
});

interface Strided {
  begin: number[];
  end: number[];
  strides?: number[];
  beginMask?: number;
  endMask?: number;
  ellipsisMask?: number;
  newAxisMask?: number;
  shrinkAxisMask?: number;
}

const stridedSlices = family<Strided>({
  name: 'stridedSlice',
  list: [
    [{ begin: [0], end: [5], strides: [2] }, [[5], [4], [1], [5, 2]]],
    [{ begin: [-1], end: [-4], strides: [-1] }, [[5], [2]]],
    [
      { begin: [3, 0], end: [0, 3], strides: [-2, 1] },
      [
        [4, 3],
        [2, 2],
      ],
    ],
    [{ begin: [0, 1], end: [0, 2], strides: [1, 1], beginMask: 1, endMask: 3 }, [[3, 4]]],
    [{ begin: [0], end: [0], strides: [-2], beginMask: 1, endMask: 1 }, [[5], [4]]],
    [
      { begin: [1, 0, -1], end: [2, 0, 0], strides: [1, 1, 1], ellipsisMask: 2, shrinkAxisMask: 4 },
      [
        [2, 3, 2, 4],
        [2, 3],
      ],
    ],
    [{ begin: [0, 0, 1], end: [0, 2, 3], strides: [1, 1, 1], newAxisMask: 1 }, [[3, 4]]],
    [
      { begin: [0, 0, 0], end: [0, 0, 1], strides: [1, 1, 1], ellipsisMask: 1, newAxisMask: 2 },
      [[3, 4]],
    ],
    [{ begin: [-100], end: [100], strides: [3] }, [[7]]],
  ],
  op: stridedSlice,
  reference: (x, a) =>
    tf.stridedSlice(
      x,
      a.begin,
      a.end,
      a.strides as number[],
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    ),
  rejects: [
    {
      why: 'a stride of 0',
      build: () => stridedSlice(of(3), { begin: [0], end: [3], strides: [0] }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'lists of different lengths',
      build: () => stridedSlice(of(3), { begin: [0], end: [3, 3] }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'more entries than axes',
      build: () => stridedSlice(of(3), { begin: [0, 0], end: [1, 1] }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'two ellipses',
      build: () => stridedSlice(of(3), { begin: [0, 0], end: [1, 1], ellipsisMask: 3 }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'a single index outside',
      build: () => stridedSlice(of(3), { begin: [3], end: [4], shrinkAxisMask: 1 }),
      code: 'INDEX_OUT_OF_RANGE',
    },
  ],
});

type Pairs = [number, number][];

const pads = family<{ paddings: Pairs; value?: number }>({
  name: 'pad',
  list: [
    [{ paddings: [[1, 2]] }, [[3], [0]]],
    [
      {
        paddings: [
          [0, 1],
          [2, 0],
        ],
        value: 1,
      },
      [
        [2, 3],
        [0, 2],
      ],
    ],
    [
      {
        paddings: [
          [1, 1],
          [0, 0],
          [0, 2],
        ],
        value: 0,
      },
      [[1, 2, 2]],
    ],
  ],
  op: pad,
  reference: (x, { paddings, value = 0 }) => tf.pad(x, paddings, value),
  rejects: [
    {
      why: 'too few pairs',
      build: () => pad(of(2, 2), { paddings: [[1, 1]] }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'negative padding',
      build: () => pad(of(2), { paddings: [[-1, 0]] }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'a value that is no number',
      build: () => pad(of(2), { paddings: [[0, 0]], value: '0' as never }),
      code: 'ATTRIBUTE_INVALID',
    },
  ],
});

const mirrors = family<{ paddings: Pairs; mode: 'reflect' | 'symmetric' }>({
  name: 'mirrorPad',
  list: [
    [{ paddings: [[1, 2]], mode: 'reflect' }, [[3], [4]]],
    [{ paddings: [[1, 3]], mode: 'symmetric' }, [[3], [4]]],
    [
      {
        paddings: [
          [1, 0],
          [2, 2],
        ],
        mode: 'reflect',
      },
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      {
        paddings: [
          [2, 1],
          [0, 3],
        ],
        mode: 'symmetric',
      },
      [[2, 3]],
    ],
  ],
  op: mirrorPad,
  reference: (x, { paddings, mode }) => tf.mirrorPad(x, paddings, mode),
  dtypes: ['float32', 'float64', 'float16', 'int32'],
  rejects: [
    {
      why: 'reflection beyond the far edge',
      build: () => mirrorPad(of(3), { paddings: [[3, 0]], mode: 'reflect' }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'symmetry beyond the far edge',
      build: () => mirrorPad(of(3), { paddings: [[0, 4]], mode: 'symmetric' }),
      code: 'ATTRIBUTE_INVALID',
    },
    {
      why: 'an unknown mode',
      build: () => mirrorPad(of(3), { paddings: [[0, 1]], mode: 'edge' as never }),
      code: 'ATTRIBUTE_INVALID',
    },
  ],
});

const clamp = (start: number, size: number, extent: number): number =>
  Math.max(Math.min(start, extent - size), 0);

const dynamic: OpCase[] = [
  {
    name: 'dynamicSlice of a vector',
    op: (x, start) => dynamicSlice(x, start, { size: [3] }),
    inputDTypes: [null, 'int32'],
    domain: [
      { from: -2, to: 2 },
      { from: -6, to: 6 },
    ],
    dtypes: ['float32', 'float64', 'float16', 'bfloat16', 'int32', 'int64', 'bool'],
    shapes: [
      [[5], [1]],
      [[3], [1]],
    ],
    formula: (x: number[], [start]: [number]) => {
      const first = clamp(start, 3, x.length);
      return x.slice(first, first + 3);
    },
    rejects: [
      {
        why: 'a box larger than x',
        build: () => dynamicSlice(of(2), ints(1), { size: [3] }),
        code: 'SHAPE_MISMATCH',
      },
      {
        why: 'too few starts',
        build: () => dynamicSlice(of(2, 2), ints(1), { size: [1, 1] }),
        code: 'SHAPE_MISMATCH',
      },
      {
        why: 'a fractional start',
        build: () => dynamicSlice(of(2), of(1), { size: [1] }),
        code: 'DTYPE_MISMATCH',
      },
    ],
  },
  ...(
    [
      [2, 2],
      [1, 3],
      [2, 0],
    ] as const
  ).map(
    (size): OpCase => ({
      name: `dynamicSlice, ${size}`,
      op: (x, start) => dynamicSlice(x, start, { size: [...size] }),
      inputDTypes: [null, 'int32'],
      domain: [
        { from: -2, to: 2 },
        { from: -1, to: 4 },
      ],
      shapes: [[[4, 3], [2]]],
      formula: (x: number[][], start: [number, number]) => {
        const [i, j] = [clamp(start[0], size[0], 4), clamp(start[1], size[1], 3)];
        return x.slice(i, i + size[0]).map((row) => row.slice(j, j + size[1]));
      },
    }),
  ),
  {
    name: 'dynamicUpdate',
    op: (x, update, start) => dynamicUpdate(x, update, start),
    inputDTypes: [null, null, 'int32'],
    domain: [
      { from: -2, to: 2 },
      { from: -2, to: 2 },
      { from: -1, to: 4 },
    ],
    dtypes: ['float32', 'float64', 'float16', 'bfloat16', 'int32', 'int64'],
    shapes: [
      [[4, 3], [2, 2], [2]],
      [[4, 3], [1, 3], [2]],
      [[2, 3], [2, 3], [2]],
      [[2, 3], [0, 3], [2]],
    ],
    formula: (x: number[][], update: number[][], start: [number, number]) => {
      const width = update[0]?.length ?? 3;
      const [i, j] = [clamp(start[0], update.length, x.length), clamp(start[1], width, 3)];
      return x.map((row, a) => row.map((value, b) => update[a - i]?.[b - j] ?? value));
    },
    rejects: [
      {
        why: 'an update larger than x',
        build: () => dynamicUpdate(of(2), of(3), ints(1)),
        code: 'SHAPE_MISMATCH',
      },
      {
        why: 'an update of another rank',
        build: () => dynamicUpdate(of(2, 2), of(2), ints(2)),
        code: 'SHAPE_MISMATCH',
      },
    ],
  },
  {
    name: 'windowIndices',
    op: (start) => windowIndices(start, { shape: [4, 3], size: [2, 2] }),
    inputDTypes: ['int32'],
    shapes: [[[2]]],
    gradient: false,
    exact: [
      {
        why: 'row-major numbers',
        in: [[1, 0]],
        out: [
          [3, 4],
          [6, 7],
        ],
      },
      {
        why: 'moved to where the box fits',
        in: [[9, -9]],
        out: [
          [6, 7],
          [9, 10],
        ],
      },
    ],
  },
];

const places: OpCase[] = [
  {
    name: 'stridedSlice of an empty range',
    op: (x) => stridedSlice(x, { begin: [2], end: [1] }),
    formula: () => [],
    shapes: [[[4]], [[0]]],
  },
  {
    name: 'window',
    op: (x) => window(x, { begin: [0, 3], strides: [2, -1], size: [2, 3] }),
    reference: (x: tf.Tensor) => tf.stridedSlice(x, [0, 3], [4, 0], [2, -1]),
    shapes: [[[4, 4]], [[3, 5]]],
    dtypes: everyDType,
    rejects: [
      {
        why: 'places before the first element',
        build: () => window(of(4), { begin: [1], strides: [-1], size: [3] }),
        code: 'INDEX_OUT_OF_RANGE',
      },
      {
        why: 'places beyond the last element',
        build: () => window(of(4), { begin: [0], strides: [2], size: [3] }),
        code: 'INDEX_OUT_OF_RANGE',
      },
      {
        why: 'too few axes',
        build: () => window(of(4, 2), { begin: [0], strides: [2], size: [3] }),
        code: 'ATTRIBUTE_INVALID',
      },
    ],
  },
  {
    name: 'windowLike',
    op: (x, like) => windowLike(x, like, { begin: [1], strides: [2] }),
    formula: (x: number[], like: number[]) => like.map((_, i) => x[1 + 2 * i] as number),
    shapes: [
      [[6], [3]],
      [[4], [1]],
      [[2], [0]],
    ],
  },
  ...[2, -1, -3].map(
    (stride): OpCase => ({
      name: `placeLike, stride ${stride}`,
      op: (x, like) => placeLike(x, like, { begin: [stride > 0 ? 1 : 6], strides: [stride] }),
      formula: (x: number[], like: number[]) => {
        const y = like.map(() => 0);
        x.forEach((value, i) => {
          y[(stride > 0 ? 1 : 6) + i * stride] = value;
        });
        return y;
      },
      shapes: [
        [[3], [8]],
        [[1], [7]],
        [[0], [7]],
      ],
    }),
  ),
  {
    name: 'crop',
    op: (x) => crop(x, { begin: [-1, 1], size: [3, 4], value: -inf }),
    formula: (x: number[][]) => [-1, 0, 1].map((i) => [1, 2, 3, 4].map((j) => x[i]?.[j] ?? -inf)),
    gradient: { skipped: 'differences of infinite results are NaN' },
    shapes: [[[2, 3]], [[1, 9]], [[0, 2]]],
  },
  {
    name: 'cropLike',
    op: (x, like) => cropLike(x, like, { begin: [-2] }),
    formula: (x: number[], like: number[]) => like.map((_, i) => x[i - 2] ?? 0),
    shapes: [
      [[3], [6]],
      [[5], [4]],
    ],
  },
  ...[2, -1, 9].map(
    (by, i): OpCase => ({
      name: `shift by ${by}`,
      op: (x) => shift(x, { axis: -1, by, value: 3 }),
      formula: (x: number[][]) => x.map((row) => row.map((_, j) => row[j - by] ?? 3)),
      shapes: [[[2, 4]], [[1, 1]], [[2, 0]]],
      dtypes: ['float32', 'float64', 'float16', 'int32', 'int64'],
      rejects:
        i === 0
          ? [
              {
                why: 'an axis that does not exist',
                build: () => shift(of(2), { by: 1, axis: 1 }),
                code: 'ATTRIBUTE_INVALID',
              },
            ]
          : [],
    }),
  ),
];

export const slicingCases: readonly OpCase[] = [
  ...slices,
  ...stridedSlices,
  ...pads,
  ...mirrors,
  ...dynamic,
  ...places,
];
