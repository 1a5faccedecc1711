import {
  bandPart,
  diagPart,
  dot,
  einsum,
  matMul,
  outerProduct,
  placeholder,
  type Tensor,
  trace,
  tril,
  triu,
} from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../op-case.js';
import { einsumFormula } from './einsum-formula.js';

const of = (...shape: (number | null)[]): Tensor => placeholder({ shape });
type Shapes = readonly (readonly number[])[];

const products: OpCase[] = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB): OpCase => {
    const flip = (shape: number[], on: boolean) =>
      on ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : shape;
    const pair = (a: number[], b: number[]) => [flip(a, transposeA), flip(b, transposeB)];
    return {
      name: `matMul${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`,
      op: (a, b) => matMul(a, b, { transposeA, transposeB }),
      reference: (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, transposeA, transposeB),
      shapes: [
        pair([2, 3], [3, 4]),
        pair([1, 1], [1, 1]),
        pair([0, 3], [3, 2]),
        pair([2, 2, 3], [2, 3, 4]),
        pair([2, 2, 3], [1, 3, 2]),
      ],
      tolerance: 1e-4,
      rejects:
        transposeA || transposeB
          ? []
          : [
              {
                why: 'inner sizes that differ',
                build: () => matMul(of(2, 3), of(2, 3)),
                code: 'SHAPE_MISMATCH',
              },
              { why: 'vectors', build: () => matMul(of(3), of(3, 2)), code: 'SHAPE_MISMATCH' },
              {
                why: 'batches that differ',
                build: () => matMul(of(2, 1, 1), of(3, 1, 1)),
                code: 'SHAPE_MISMATCH',
              },
            ],
    };
  }),
);

const vectors: OpCase[] = [
  {
    name: 'matMul, batches that broadcast both ways',
    op: (a, b) => matMul(a, b),
    formula: (...operands: never[]) => einsumFormula('...ij,...jk->...ik', operands),
    shapes: [
      [
        [3, 1, 2, 3],
        [2, 3, 1],
      ],
      [
        [2, 1],
        [2, 1, 1, 3],
      ],
    ],
    tolerance: 1e-4,
  },
  {
    name: 'dot',
    op: (a, b) => dot(a, b),
    reference: (a: tf.Tensor, b: tf.Tensor) => tf.dot(a, b),
    shapes: [
      [[3], [3]],
      [[3], [3, 2]],
      [[2, 3], [3]],
      [
        [2, 3],
        [3, 4],
      ],
      [[1], [1]],
    ],
    rejects: [
      { why: 'sizes that differ', build: () => dot(of(2), of(3)), code: 'SHAPE_MISMATCH' },
      { why: 'a batch of matrices', build: () => dot(of(2, 2, 2), of(2)), code: 'SHAPE_MISMATCH' },
      { why: 'a scalar', build: () => dot(of(), of(2)), code: 'SHAPE_MISMATCH' },
    ],
  },
  {
    name: 'outerProduct',
    op: (a, b) => outerProduct(a, b),
    reference: (a: tf.Tensor1D, b: tf.Tensor1D) => tf.outerProduct(a, b),
    shapes: [
      [[3], [2]],
      [[1], [4]],
      [[0], [2]],
    ],
    rejects: [
      { why: 'a matrix', build: () => outerProduct(of(2, 2), of(2)), code: 'SHAPE_MISMATCH' },
    ],
  },
];

const equations: readonly (readonly [equation: string, ...shapes: Shapes[]])[] = [
  ['ij->ji', [[2, 3]], [[0, 3]]],
  ['ij->', [[2, 3]]],
  ['ij->i', [[2, 3]]],
  ['ii->i', [[3, 3]], [[1, 1]]],
  ['ii', [[3, 3]]],
  ['iij->j', [[2, 2, 3]]],
  ['iii->i', [[2, 2, 2]]],
  ['i,i->', [[4], [4]]],
  ['i,j->ij', [[2], [3]]],
  ['i,j', [[2], [3]]],
  [
    'ij,jk->ik',
    [
      [2, 3],
      [3, 4],
    ],
    [
      [0, 2],
      [2, 3],
    ],
  ],
  [
    'ij,jk',
    [
      [2, 3],
      [3, 4],
    ],
  ],
  [
    'ba,bc',
    [
      [2, 3],
      [2, 2],
    ],
  ],
  [
    'ij,ij->',
    [
      [2, 3],
      [2, 3],
    ],
  ],
  ['ij,j->ij', [[2, 3], [3]]],
  ['ij,k->j', [[2, 3], [4]]],
  [
    'bij,bjk->bik',
    [
      [2, 2, 3],
      [2, 3, 2],
    ],
  ],
  [
    'bqhd,bkhd->bhqk',
    [
      [2, 2, 2, 3],
      [2, 3, 2, 3],
    ],
  ],
  [
    'ij,jk,kl->il',
    [
      [2, 3],
      [3, 2],
      [2, 2],
    ],
  ],
  ['i,i,i->i', [[3], [3], [3]]],
  ['ij,i,j->', [[2, 3], [2], [3]]],
  [
    '...ij,...jk->...ik',
    [
      [2, 2, 3],
      [2, 3, 2],
    ],
    [
      [2, 3],
      [3, 2],
    ],
    [
      [2, 2, 3],
      [3, 1],
    ],
    [
      [1, 2, 3],
      [2, 3, 2],
    ],
  ],
  ['...i->...', [[2, 3, 2]], [[4]]],
  [
    'i...,i...',
    [
      [2, 3],
      [2, 1],
    ],
  ],
  ['i...j->j...i', [[2, 3, 4]]],
  [',ij->ij', [[], [2, 2]]],
  [
    ' ij , jk -> ki ',
    [
      [2, 3],
      [3, 2],
    ],
  ],
];

const reject =
  (equation: string, ...operands: Tensor[]) =>
  () =>
    einsum(operands, { equation });

const einsums: OpCase[] = equations.map(([equation, ...shapes], i) => ({
  name: `einsum ${equation}`,
  op: (...operands) => einsum(operands, { equation }),
  formula: (...operands: never[]) => einsumFormula(equation, operands),
  shapes,
  tolerance: 1e-4,
  rejects:
    i === 0
      ? [
          {
            why: 'too few operands',
            build: reject('ij,jk->ik', of(2, 3)),
            code: 'ATTRIBUTE_INVALID',
          },
          { why: 'too many letters', build: reject('ijk->i', of(2, 3)), code: 'ATTRIBUTE_INVALID' },
          { why: 'too few letters', build: reject('i->i', of(2, 3)), code: 'ATTRIBUTE_INVALID' },
          {
            why: 'a result that no operand names',
            build: reject('ij->k', of(2, 3)),
            code: 'ATTRIBUTE_INVALID',
          },
          {
            why: 'a result that names a letter twice',
            build: reject('ij->ii', of(2, 3)),
            code: 'ATTRIBUTE_INVALID',
          },
          { why: 'two arrows', build: reject('ij->i->j', of(2, 3)), code: 'ATTRIBUTE_INVALID' },
          {
            why: 'a sign that is no letter',
            build: reject('i1->i', of(2, 3)),
            code: 'ATTRIBUTE_INVALID',
          },
          {
            why: 'an ellipsis that the result lacks',
            build: reject('...i->i', of(2, 3)),
            code: 'ATTRIBUTE_INVALID',
          },
          {
            why: 'sizes of one letter that differ',
            build: reject('ij,jk->ik', of(2, 3), of(2, 3)),
            code: 'SHAPE_MISMATCH',
          },
          {
            why: 'a diagonal of unequal sizes',
            build: reject('ii->i', of(2, 3)),
            code: 'SHAPE_MISMATCH',
          },
          {
            why: 'a letter of size 1, which does not broadcast',
            build: reject('i,i->i', of(1), of(3)),
            code: 'SHAPE_MISMATCH',
          },
        ]
      : [],
}));

// What TensorFlow.js can do of it: two operands, explicit result.
const einsumReferences: OpCase[] = (
  [
    ['ij,jk->ik', [2, 3], [3, 4]],
    ['bij,bjk->bik', [2, 2, 3], [2, 3, 2]],
    ['ij,ij->', [2, 3], [2, 3]],
    ['i,j->ij', [2], [3]],
  ] as const
).map(([equation, a, b]) => ({
  name: `einsum ${equation} as TensorFlow.js`,
  op: (...operands) => einsum(operands, { equation }),
  reference: (...operands: tf.Tensor[]) => tf.einsum(equation, ...operands),
  shapes: [[a, b]],
  tolerance: 1e-4,
}));

const matrices: Shapes[] = [[[3, 3]], [[2, 4]], [[4, 2]], [[2, 2, 3]], [[0, 2]]];

const parts: OpCase[] = [
  ...(
    [
      [0, 0],
      [1, -1],
      [-1, 1],
      [2, 0],
    ] as const
  ).map(
    ([numLower, numUpper], i): OpCase => ({
      name: `bandPart, ${numLower} below, ${numUpper} above`,
      op: (x) => bandPart(x, { numLower, numUpper }),
      formula: (x: number[][]) => band(x, numLower, numUpper),
      dtypes: ['float32', 'float64', 'float16', 'bfloat16', 'int32', 'int64', 'bool'],
      shapes: matrices.filter(([shape]) => shape?.length === 2),
      rejects:
        i === 0
          ? [
              {
                why: 'a vector',
                build: () => bandPart(of(2), { numLower, numUpper }),
                code: 'SHAPE_MISMATCH',
              },
            ]
          : [],
    }),
  ),
  {
    name: 'bandPart of a batch',
    op: (x) => bandPart(x, { numLower: 1, numUpper: 0 }),
    reference: (x: tf.Tensor) => tf.linalg.bandPart(x, 1, 0),
    shapes: [[[2, 3, 3]]],
  },
  {
    name: 'tril',
    op: (x) => tril(x),
    formula: (x: number[][]) => band(x, -1, 0),
    shapes: [[[3, 3]], [[2, 4]]],
  },
  {
    name: 'triu',
    op: (x) => triu(x),
    formula: (x: number[][]) => band(x, 0, -1),
    shapes: [[[3, 3]], [[4, 2]]],
  },
  {
    name: 'diagPart',
    op: (x) => diagPart(x),
    formula: (x: number[][]) => x.slice(0, x[0]?.length ?? 0).map((row, i) => row[i] as number),
    dtypes: ['float32', 'float64', 'float16', 'bfloat16', 'int32', 'bool'],
    shapes: [[[3, 3]], [[2, 4]], [[4, 2]], [[0, 2]]],
    rejects: [{ why: 'a vector', build: () => diagPart(of(2)), code: 'SHAPE_MISMATCH' }],
  },
  {
    name: 'trace of a batch',
    op: (x) => trace(x),
    formula: (x: number[][][]) =>
      x.map((matrix) => matrix.reduce((sum, row, i) => sum + (row[i] ?? 0), 0)),
    shapes: [[[2, 3, 3]], [[1, 2, 4]]],
  },
];

function band(x: number[][], lower: number, upper: number): number[][] {
  const kept = (i: number, j: number) =>
    (lower < 0 || i - j <= lower) && (upper < 0 || j - i <= upper);
  return x.map((row, i) => row.map((value, j) => (kept(i, j) ? Number(value) : 0)));
}

export const linearCases: readonly OpCase[] = [
  ...products,
  ...vectors,
  ...einsums,
  ...einsumReferences,
  ...parts,
];
