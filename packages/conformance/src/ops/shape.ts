import {
  batchToSpaceND,
  broadcastLike,
  broadcastTo,
  clone,
  concat,
  depthToSpace,
  diag,
  expandDims,
  flatten,
  identity,
  meshgrid,
  placeholder,
  reshape,
  reshapeLike,
  reverse,
  roll,
  type Shape,
  shapeOf,
  spaceToBatchND,
  split,
  splitLike,
  squeeze,
  stack,
  type Tensor,
  tile,
  transpose,
  unstack,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { everyDType } from './operands.js';

const of = (...shape: (number | null)[]): Tensor => placeholder({ shape });
const shapesOf = (...shapes: (readonly number[])[]) => shapes.map((shape) => [shape]);

type Reject = NonNullable<OpCase['rejects']>[number];
const mismatch = (why: string, build: () => unknown): Reject => ({
  why,
  build,
  code: 'SHAPE_MISMATCH',
});
const invalid = (why: string, build: () => unknown): Reject => ({
  why,
  build,
  code: 'ATTRIBUTE_INVALID',
});
const unknown = (why: string, build: () => unknown): Reject => ({
  why,
  build,
  code: 'SHAPE_UNKNOWN',
});

/** One op of one input under several attributes; the first variant carries the refusals. */
function variants<A extends object>(
  name: string,
  list: readonly { with: A; shapes: readonly (readonly number[])[] }[],
  row: {
    op: (x: Tensor, attrs: A) => Tensor;
    reference?: (x: never, attrs: A) => tf.Tensor;
    formula?: (x: never, attrs: A) => number[] | number[][];
    dtypes?: OpCase['dtypes'];
    rejects?: OpCase['rejects'];
  },
): OpCase[] {
  const { op, reference, formula, rejects } = row;
  return list.map(({ with: attrs, shapes }, i) => ({
    name: `${name} ${JSON.stringify(attrs).replaceAll('"', '')}`,
    op: (x) => op(x, attrs),
    ...(reference ? { reference: (x: never) => reference(x, attrs) } : {}),
    ...(formula ? { formula: (x: never) => formula(x, attrs) } : {}),
    dtypes: row.dtypes ?? everyDType,
    shapes: shapes.map((shape) => [shape]),
    ...(i === 0 && rejects ? { rejects } : {}),
  }));
}

const sameElements: OpCase[] = [
  {
    name: 'identity',
    op: (x) => identity(x),
    reference: (x: tf.Tensor) => tf.clone(x),
    shapes: shapesOf([], [7], [0], [2, 3]),
    dtypes: everyDType,
  },
  {
    name: 'clone',
    op: (x) => clone(x),
    reference: (x: tf.Tensor) => tf.clone(x),
    shapes: shapesOf([], [2, 3]),
  },
  {
    name: 'flatten',
    op: (x) => flatten(x),
    reference: (x: tf.Tensor) => tf.reshape(x, [-1]),
    shapes: shapesOf([], [7], [0, 3], [2, 3, 2]),
    dtypes: everyDType,
  },
  {
    name: 'reshape',
    op: (x) => reshape(x, { shape: [2, -1] }),
    reference: (x: tf.Tensor) => tf.reshape(x, [2, -1]),
    shapes: shapesOf([6], [3, 4], [1, 2, 3]),
    dtypes: everyDType,
    rejects: [
      mismatch('another number of elements', () => reshape(of(5), { shape: [2, 3] })),
      mismatch('a size that does not divide', () => reshape(of(5), { shape: [2, -1] })),
      mismatch('two open sizes', () => reshape(of(4), { shape: [-1, -1] })),
    ],
  },
  {
    name: 'reshapeLike',
    op: (x, like) => reshapeLike(x, like),
    reference: (x: tf.Tensor, like: tf.Tensor) => tf.reshape(x, like.shape),
    shapes: [
      [[6], [2, 3]],
      [[1], []],
    ],
  },
  ...variants(
    'expandDims',
    [
      { with: { axis: 0 }, shapes: [[], [3]] },
      { with: { axis: -1 }, shapes: [[], [2, 3], [0]] },
      { with: { axis: 1 }, shapes: [[2, 3]] },
    ],
    {
      op: (x, attrs) => expandDims(x, attrs),
      reference: (x: tf.Tensor, { axis }) => tf.expandDims(x, axis),
      rejects: [invalid('an axis beyond the last', () => expandDims(of(2), { axis: 2 }))],
    },
  ),
  ...variants<{ axis?: number | number[] }>(
    'squeeze',
    [
      { with: { axis: [0, -1] }, shapes: [[1, 3, 1]] },
      {
        with: { axis: 1 },
        shapes: [
          [2, 1, 1],
          [0, 1],
        ],
      },
    ],
    {
      op: (x, attrs) => squeeze(x, attrs),
      reference: (x: tf.Tensor, { axis }) => tf.squeeze(x, [axis as number].flat()),
      rejects: [
        mismatch('an axis of another size', () => squeeze(of(1, 2), { axis: 1 })),
        invalid('one axis twice', () => squeeze(of(1, 1), { axis: [0, -2] })),
        unknown('all axes while sizes are unknown', () => squeeze(of(1, null))),
      ],
    },
  ),
  {
    name: 'squeeze, all axes',
    op: (x) => squeeze(x),
    reference: (x: tf.Tensor) => tf.squeeze(x),
    shapes: shapesOf([1, 3, 1], [1, 1], [2, 2], []),
    unknownShapes: { skipped: 'sizes say which axes go' },
  },
];

const orders: OpCase[] = [
  {
    name: 'transpose',
    op: (x) => transpose(x),
    reference: (x: tf.Tensor) => tf.transpose(x),
    shapes: shapesOf([], [3], [2, 3], [2, 0, 3]),
    dtypes: everyDType,
  },
  ...variants(
    'transpose',
    [
      { with: { perm: [1, 2, 0] }, shapes: [[2, 3, 4]] },
      {
        with: { perm: [0, -1, 1] },
        shapes: [
          [2, 3, 4],
          [1, 1, 5],
        ],
      },
    ],
    {
      op: (x, attrs) => transpose(x, attrs),
      reference: (x: tf.Tensor, { perm }) =>
        tf.transpose(
          x,
          perm.map((axis) => (axis + 3) % 3),
        ),
      rejects: [
        invalid('one axis twice', () => transpose(of(2, 3), { perm: [0, 0] })),
        invalid('too few axes', () => transpose(of(2, 3), { perm: [0] })),
      ],
    },
  ),
  {
    name: 'reverse, all axes',
    op: (x) => reverse(x),
    reference: (x: tf.Tensor) => tf.reverse(x),
    shapes: shapesOf([], [5], [0], [2, 3, 2]),
    dtypes: everyDType,
  },
  ...variants(
    'reverse',
    [
      {
        with: { axis: 1 },
        shapes: [
          [2, 3],
          [2, 0],
        ],
      },
      { with: { axis: [0, -1] }, shapes: [[2, 3, 4]] },
    ],
    {
      op: (x, attrs) => reverse(x, attrs),
      reference: (x: tf.Tensor, { axis }) => tf.reverse(x, axis),
      rejects: [
        invalid('an axis that does not exist', () => reverse(of(2), { axis: 1 })),
        invalid('one axis twice', () => reverse(of(2, 2), { axis: [1, -1] })),
      ],
    },
  ),
  ...variants(
    'roll',
    [
      { with: { shift: 1, axis: 0 }, shapes: [[5], [1], [0]] },
      { with: { shift: -7, axis: 0 }, shapes: [[5]] },
      { with: { shift: 5, axis: 0 }, shapes: [[5]] },
    ],
    {
      op: (x, attrs) => roll(x, attrs),
      formula: (x: number[], { shift }) =>
        x.map((_, i) => x[(((i - shift) % x.length) + x.length) % x.length] as number),
      rejects: [
        invalid('shifts for too many axes', () => roll(of(2, 2), { shift: [1, 1], axis: 0 })),
        invalid('an axis that does not exist', () => roll(of(2), { shift: 1, axis: 1 })),
      ],
    },
  ),
  {
    name: 'roll, two axes',
    op: (x) => roll(x, { shift: [1, -1], axis: [0, 1] }),
    formula: (x: number[][]) =>
      x.map((_, i) => {
        const row = x[(i - 1 + x.length) % x.length] as number[];
        return row.map((__, j) => row[(j + 1) % row.length] as number);
      }),
    shapes: shapesOf([2, 3], [3, 1]),
  },
];

const joins: OpCase[] = [
  ...[0, 1, -1].map(
    (axis, i): OpCase => ({
      name: `concat, axis ${axis}`,
      op: (...values) => concat(values, { axis }),
      reference: (...values: tf.Tensor[]) => tf.concat(values, axis),
      dtypes: everyDType,
      shapes: [
        [
          [2, 3],
          [2, 3],
        ],
        [[4, 1]],
        [
          [0, 2],
          [0, 2],
        ],
        axis === 0
          ? [
              [1, 2, 2],
              [3, 2, 2],
              [0, 2, 2],
            ]
          : [
              [2, 2],
              [2, 0],
              [2, 3],
            ].map((shape) => [
              2,
              ...(axis === 1 ? [shape[1] as number, 3] : [3, shape[1] as number]),
            ]),
      ],
      exact: i === 0 ? [{ why: 'two dtypes', in: [[1], [2]], out: [1, 2] }] : [],
      rejects:
        i === 0
          ? [
              mismatch('other axes that differ', () => concat([of(2, 3), of(2, 4)], { axis: 0 })),
              mismatch('other ranks', () => concat([of(2), of(2, 1)])),
              mismatch('nothing', () => concat([])),
              invalid('an axis that does not exist', () => concat([of(2)], { axis: 1 })),
              invalid('scalars', () => concat([of(), of()])),
            ]
          : [],
    }),
  ),
  {
    name: 'concat, mixed dtypes',
    op: (a, b, c) => concat([a, b, c], { axis: 0 }),
    reference: (...values: tf.Tensor[]) => tf.concat(values.map((v) => tf.cast(v, 'float32'))),
    inputDTypes: [null, 'int32', 'bool'],
    shapes: [[[2], [1], [2]]],
    dtypes: ['float32', 'float64'],
  },
  ...[0, 1, -1].map(
    (axis, i): OpCase => ({
      name: `stack, axis ${axis}`,
      op: (...values) => stack(values, { axis }),
      reference: (...values: tf.Tensor[]) => tf.stack(values, axis),
      dtypes: everyDType,
      shapes: [
        [
          [2, 3],
          [2, 3],
        ],
        [[4], [4], [4]],
        [[0], [0]],
      ],
      rejects:
        i === 0
          ? [
              mismatch('shapes that differ', () => stack([of(2), of(3)])),
              mismatch('nothing', () => stack([])),
              invalid('an axis beyond the last', () => stack([of(2)], { axis: 2 })),
            ]
          : [],
    }),
  ),
  ...(
    [
      [2, 0, [[4], [2, 3]]],
      [3, -1, [[2, 3]]],
      [
        [1, 2],
        1,
        [
          [2, 3],
          [2, 3, 2],
        ],
      ],
      [
        [2, -1, 0],
        0,
        [
          [5, 2],
          [2, 1],
        ],
      ],
    ] as const
  ).map(
    ([sizes, axis, shapes], i): OpCase => ({
      name: `split into ${sizes}, axis ${axis}`,
      op: (x) => split(x, { sizes: sizes as number | number[], axis }),
      reference: (x: tf.Tensor) => {
        const size = x.shape.at(axis) as number;
        const parts =
          typeof sizes === 'number'
            ? sizes
            : sizes.map((part) => (part === -1 ? size - 2 : (part as number)));
        return tf.split(x, parts, (axis + x.rank) % x.rank);
      },
      shapes: shapes.map((shape) => [shape]),
      dtypes: everyDType,
      rejects:
        i === 0
          ? [
              mismatch('a number that does not divide', () => split(of(3), { sizes: 2 })),
              mismatch('sizes that do not fill the axis', () => split(of(3), { sizes: [1, 1] })),
              mismatch('two open sizes', () => split(of(3), { sizes: [-1, -1] })),
              mismatch('an open size below 0', () => split(of(3), { sizes: [4, -1] })),
              invalid('no parts', () => split(of(3), { sizes: 0 })),
            ]
          : [],
    }),
  ),
  {
    name: 'splitLike',
    op: (x, a, b) => splitLike(x, [a, b], { axis: 0 }),
    reference: (x: tf.Tensor, a: tf.Tensor, b: tf.Tensor) =>
      tf.split(x, [a.shape[0] as number, b.shape[0] as number]),
    shapes: [
      [[3], [1], [2]],
      [
        [2, 2],
        [2, 2],
        [0, 2],
      ],
    ],
  },
  ...[0, 1].map(
    (axis): OpCase => ({
      name: `unstack, axis ${axis}`,
      op: (x) => unstack(x, { axis }),
      reference: (x: tf.Tensor) => tf.unstack(x, axis),
      shapes: shapesOf([2, 3], [1, 2], [3, 2, 2]),
      dtypes: everyDType,
      unknownShapes: { skipped: 'the size says how many outputs there are' },
      rejects: [
        unknown('a size that is not known', () => unstack(of(null, null), { axis })),
        invalid('an axis that does not exist', () => unstack(of(2), { axis: 3 })),
      ],
    }),
  ),
];

const repeats: OpCase[] = [
  {
    name: 'broadcastTo',
    op: (x) => broadcastTo(x, { shape: [2, 3, 4] }),
    reference: (x: tf.Tensor) => tf.broadcastTo(x, [2, 3, 4]),
    shapes: shapesOf([], [4], [3, 1], [2, 1, 4], [2, 3, 4]),
    dtypes: everyDType,
    rejects: [
      mismatch('a size that is not 1', () => broadcastTo(of(2), { shape: [3] })),
      mismatch('a smaller rank', () => broadcastTo(of(1, 2), { shape: [2] })),
    ],
  },
  {
    name: 'broadcastLike',
    op: (x, like) => broadcastLike(x, like),
    reference: (x: tf.Tensor, like: tf.Tensor) => tf.broadcastTo(x, like.shape),
    shapes: [
      [[], [2, 3]],
      [
        [3, 1],
        [2, 3, 2],
      ],
    ],
  },
  ...variants(
    'tile',
    [
      { with: { reps: [3] }, shapes: [[4], [1], [0]] },
      {
        with: { reps: [2, 1, 3] },
        shapes: [
          [2, 3, 2],
          [1, 0, 2],
        ],
      },
      { with: { reps: [0, 2] }, shapes: [[2, 2]] },
    ],
    {
      op: (x, attrs) => tile(x, attrs),
      reference: (x: tf.Tensor, { reps }) =>
        reps.includes(0)
          ? tf.zeros(
              x.shape.map((size, i) => size * (reps[i] as number)),
              x.dtype,
            )
          : tf.tile(x, reps),
      rejects: [
        invalid('too few numbers', () => tile(of(2, 3), { reps: [2] })),
        invalid('a negative number', () => tile(of(2), { reps: [-1] })),
      ],
    },
  ),
  ...(['xy', 'ij'] as const).map(
    (indexing): OpCase => ({
      name: `meshgrid, ${indexing}`,
      op: (x, y) => meshgrid([x, y], { indexing }),
      reference: (x: tf.Tensor, y: tf.Tensor) => tf.meshgrid(x, y, { indexing }),
      shapes: [
        [[3], [2]],
        [[1], [4]],
      ],
      rejects: [mismatch('a matrix', () => meshgrid([of(2, 2), of(2)]))],
    }),
  ),
  {
    name: 'meshgrid of three, ij',
    op: (x, y, z) => meshgrid([x, y, z], { indexing: 'ij' }),
    formula: (x: number[], y: number[], z: number[]) => [
      x.map((a) => y.map(() => z.map(() => a))),
      x.map(() => y.map((b) => z.map(() => b))),
      x.map(() => y.map(() => z.map((c) => c))),
    ],
    shapes: [[[2], [3], [2]]],
  },
  {
    name: 'diag',
    op: (x) => diag(x),
    reference: (x: tf.Tensor) => tf.diag(x),
    shapes: shapesOf([3], [1], [2, 3]),
    dtypes: everyDType,
    exact: [{ why: 'nothing', in: [[]], out: [] }],
  },
];

const blocks: OpCase[] = [
  ...variants<{ blockShape: number[]; paddings: [number, number][] }>(
    'spaceToBatchND',
    [
      {
        with: {
          blockShape: [2, 2],
          paddings: [
            [0, 0],
            [0, 0],
          ],
        },
        shapes: [
          [1, 2, 2, 1],
          [2, 4, 2, 3],
        ],
      },
      {
        with: {
          blockShape: [2, 3],
          paddings: [
            [1, 0],
            [2, 1],
          ],
        },
        shapes: [[1, 3, 3, 2]],
      },
      {
        with: { blockShape: [2], paddings: [[1, 1]] },
        shapes: [
          [2, 2, 3],
          [1, 4],
        ],
      },
    ],
    {
      op: (x, attrs) => spaceToBatchND(x, attrs),
      reference: (x: tf.Tensor, { blockShape, paddings }) =>
        tf.spaceToBatchND(x, blockShape, paddings),
      dtypes: ['float32', 'float16', 'int32'],
      rejects: [
        mismatch('an axis that is no whole number of blocks', () =>
          spaceToBatchND(of(1, 3, 1), { blockShape: [2], paddings: [[0, 0]] }),
        ),
        mismatch('too few axes', () =>
          spaceToBatchND(of(1), { blockShape: [2], paddings: [[0, 0]] }),
        ),
        mismatch('too few paddings', () =>
          spaceToBatchND(of(1, 2), { blockShape: [2], paddings: [] }),
        ),
      ],
    },
  ),
  ...variants<{ blockShape: number[]; crops: [number, number][] }>(
    'batchToSpaceND',
    [
      {
        with: {
          blockShape: [2, 2],
          crops: [
            [0, 0],
            [0, 0],
          ],
        },
        shapes: [
          [4, 1, 1, 1],
          [8, 2, 1, 3],
        ],
      },
      {
        with: {
          blockShape: [2, 3],
          crops: [
            [1, 0],
            [2, 1],
          ],
        },
        shapes: [[6, 2, 2, 2]],
      },
      { with: { blockShape: [2], crops: [[1, 1]] }, shapes: [[2, 3, 2]] },
    ],
    {
      op: (x, attrs) => batchToSpaceND(x, attrs),
      reference: (x: tf.Tensor, { blockShape, crops }) => tf.batchToSpaceND(x, blockShape, crops),
      dtypes: ['float32', 'float16', 'int32'],
      rejects: [
        mismatch('a batch that is no whole number of blocks', () =>
          batchToSpaceND(of(3, 1), { blockShape: [2], crops: [[0, 0]] }),
        ),
        mismatch('more cut off than there is', () =>
          batchToSpaceND(of(2, 1), { blockShape: [2], crops: [[2, 1]] }),
        ),
      ],
    },
  ),
  ...variants(
    'depthToSpace',
    [
      {
        with: { blockSize: 2 },
        shapes: [
          [1, 1, 1, 4],
          [2, 2, 3, 8],
        ],
      },
      { with: { blockSize: 3 }, shapes: [[1, 2, 1, 9]] },
    ],
    {
      op: (x, attrs) => depthToSpace(x, attrs),
      reference: (x: tf.Tensor4D, { blockSize }) => tf.depthToSpace(x, blockSize),
      dtypes: ['float32', 'float16'],
      rejects: [
        mismatch('channels that do not divide', () =>
          depthToSpace(of(1, 1, 1, 3), { blockSize: 2 }),
        ),
        mismatch('another rank', () => depthToSpace(of(1, 1, 4), { blockSize: 2 })),
        invalid('blocks of 1', () => depthToSpace(of(1, 1, 1, 4), { blockSize: 1 })),
      ],
    },
  ),
  {
    name: 'depthToSpace, channels second',
    op: (x) => depthToSpace(x, { blockSize: 2, dataFormat: 'NCHW' }),
    reference: (x: tf.Tensor4D) =>
      tf.transpose(tf.depthToSpace(tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D, 2), [0, 3, 1, 2]),
    shapes: shapesOf([1, 8, 2, 3]),
  },
];

const sizes: OpCase = {
  name: 'shapeOf',
  op: (x) => shapeOf(x),
  reference: (x: { shape: Shape }) => tf.tensor1d(x.shape as number[], 'int32'),
  shapes: shapesOf([], [7], [2, 0, 3]),
  dtypes: everyDType,
};

export const shapeCases: readonly OpCase[] = [
  ...sameElements,
  ...orders,
  ...joins,
  ...repeats,
  ...blocks,
  sizes,
];
