import type { NestedArray } from '@tenon/core';
import * as tn from '@tenon/core';
import type { OpCase } from '../op-case.js';
import { binaryCase, integers, oneShape, wrongDType } from './elementwise-rows.js';

/** A formula on numbers, applied to nested arrays of one shape. */
const each = (f: (...numbers: number[]) => number) => {
  const walk = (...inputs: NestedArray[]): NestedArray => {
    const [first] = inputs;
    if (!Array.isArray(first)) return f(...inputs.map(Number));
    return first.map((_, i) =>
      walk(...inputs.map((input) => (input as NestedArray[])[i] as NestedArray)),
    );
  };
  return walk;
};

const same: OpCase['shapes'] = [
  [[], []],
  [[7], [7]],
  [[0], [0]],
  [
    [2, 5],
    [2, 5],
  ],
];
const shift = [
  { from: -20, to: 20 },
  { from: 0, to: 6 },
] as const;
const least = -(2 ** 31);
const binary = (
  name: string,
  op: (a: tn.Tensor, b: tn.Tensor) => tn.Tensor,
  f: (a: number, b: number) => number,
  more: Partial<OpCase>,
): OpCase => ({
  ...binaryCase(name, { op }),
  formula: each(f as (...numbers: number[]) => number),
  shapes: same,
  dtypes: integers,
  rejects: [wrongDType('float32', (x) => op(x, x))],
  ...more,
});

export const bitwiseCases: readonly OpCase[] = [
  binary('bitwiseAnd', tn.bitwiseAnd, (a, b) => a & b, {
    domain: { from: -100, to: 100 },
    exact: [
      {
        why: 'broadcasts',
        in: [
          [[6], [5]],
          [3, 12],
        ],
        out: [
          [2, 4],
          [1, 4],
        ],
      },
    ],
  }),
  binary('bitwiseOr', tn.bitwiseOr, (a, b) => a | b, { domain: { from: -100, to: 100 } }),
  binary('bitwiseXor', tn.bitwiseXor, (a, b) => a ^ b, { domain: { from: -100, to: 100 } }),
  {
    name: 'bitwiseNot',
    op: tn.bitwiseNot,
    formula: each((x) => ~x),
    shapes: oneShape.filter((shapes) => shapes[0]?.length !== 2),
    dtypes: integers,
    exact: [{ why: 'of bool is not', in: [[true, false]], out: [false, true], dtype: 'bool' }],
    rejects: [wrongDType('float32', tn.bitwiseNot)],
  },
  binary('bitwiseLeftShift', tn.bitwiseLeftShift, (a, b) => a << b, {
    domain: shift,
    exact: [
      {
        why: 'bits fall out',
        in: [
          [1, 3],
          [31, 31],
        ],
        out: [least, least],
        dtype: 'int32',
      },
    ],
  }),
  binary('bitwiseRightShift', tn.bitwiseRightShift, (a, b) => a >> b, {
    domain: shift,
    exact: [
      {
        why: 'the sign stays',
        in: [
          [least, -1],
          [31, 5],
        ],
        out: [-1, -1],
        dtype: 'int32',
      },
    ],
  }),
  binary('bitwiseRightShiftLogical', tn.bitwiseRightShiftLogical, (a, b) => a >>> b, {
    domain: [
      { from: 0, to: 20 },
      { from: 0, to: 6 },
    ],
    exact: [
      {
        why: 'zeros come in, int32',
        in: [
          [-1, least],
          [28, 31],
        ],
        out: [15, 1],
        dtype: 'int32',
      },
      {
        why: 'zeros come in, int8',
        in: [
          [-1, -128],
          [4, 7],
        ],
        out: [15, 1],
        dtype: 'int8',
      },
      { why: 'zeros come in, int64', in: [[-1n], [60n]], out: [15n], dtype: 'int64' },
    ],
  }),
];
