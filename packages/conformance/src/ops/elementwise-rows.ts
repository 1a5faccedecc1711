import { type DType, placeholder, type Tensor } from '@tenon/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { OpCase, RejectedCase } from '../op-case.js';

/** Scalar, empty, odd and ordinary shapes of one input. */
export const oneShape: OpCase['shapes'] = [[[]], [[7]], [[0, 3]], [[2, 3, 5]]];

/** Shapes of two inputs that broadcast in every way. */
const twoShapes: OpCase['shapes'] = [
  [[], []],
  [[7], [7]],
  [[0], [1]],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
];

export const integers: readonly DType[] = ['int32', 'int64', 'int8', 'uint8'];
export const numbers: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16', ...integers];

type Row = Omit<OpCase, 'name' | 'op' | 'shapes' | 'reference'>;
type Reference<Inputs extends readonly tf.Tensor[]> = (...inputs: Inputs) => tf.Tensor;

interface UnaryRow extends Row {
  readonly op: (x: Tensor) => Tensor;
  readonly reference?: Reference<[tf.Tensor]>;
}

export const unaryCase = (name: string, row: UnaryRow): OpCase => ({
  name,
  shapes: oneShape,
  ...row,
});

interface BinaryRow extends Row {
  readonly op: (a: Tensor, b: Tensor) => Tensor;
  readonly reference?: Reference<[tf.Tensor, tf.Tensor]>;
}

export const binaryCase = (name: string, row: BinaryRow): OpCase => ({
  name,
  shapes: twoShapes,
  ...row,
  rejects: [unequalSizes(row.op), ...(row.rejects ?? [])],
});

const unequalSizes = (op: BinaryRow['op']): RejectedCase => ({
  why: 'sizes that do not broadcast',
  build() {
    // Some ops take bool or integers only; any dtype that fits shows the sizes to be wrong.
    const attempts = (['float32', 'bool', 'int32'] as const).map(
      (dtype) => () => op(placeholder({ shape: [2], dtype }), placeholder({ shape: [3], dtype })),
    );
    return firstWithoutDTypeError(attempts);
  },
  code: 'SHAPE_MISMATCH',
});

function firstWithoutDTypeError([attempt, ...rest]: readonly (() => unknown)[]): unknown {
  try {
    return attempt?.();
  } catch (error) {
    if ((error as { code?: string }).code === 'DTYPE_MISMATCH' && rest.length > 0)
      return firstWithoutDTypeError(rest);
    throw error;
  }
}

/** Refusal of a dtype. */
export const wrongDType = (dtype: DType, build: (x: Tensor) => unknown): RejectedCase => ({
  why: `inputs of dtype ${dtype}`,
  build: () => build(placeholder({ shape: [2], dtype })),
  code: 'DTYPE_MISMATCH',
});
