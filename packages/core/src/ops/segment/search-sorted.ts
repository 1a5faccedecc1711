import { z } from 'zod';
import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import { shapesAgree, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { call, cast, literal, load, nest, select } from '../../lower/kernel-builder.js';
import type { Kernel, Statement } from '../../lower/loop-ir.js';
import type { KnownSpec } from '../../lower/lowering.js';

const attrs = z.strictObject({
  /** Before (`left`) or behind (`right`) elements that are equal. */
  side: z.enum(['left', 'right']).default('left'),
});

// For every value, the elements in front of it are counted: a loop without branches.
function countingKernel(sequence: KnownSpec, values: KnownSpec, left: boolean): Kernel {
  const [n, m] = [sequence.shape.at(-1) as number, values.shape.at(-1) as number];
  const dtype = promote(sequence.dtype, values.dtype);
  const element = cast(load(0, sequence.dtype, { offset: 0, strides: [n, 0, 1] }), dtype);
  const value = cast(load(1, values.dtype, { offset: 0, strides: [m, 1, 0] }), dtype);
  const [one, none] = [literal(1, 'int32'), literal(0, 'int32')];
  const counts = left
    ? select(call('less', element, value), one, none)
    : select(call('less', value, element), none, one);
  const body: Statement[] = [
    { kind: 'set', register: 0, value: none },
    ...nest([2], [{ kind: 'accumulate', register: 0, combine: 'sum', value: counts }]),
    {
      kind: 'store',
      buffer: 2,
      index: { offset: 0, strides: [m, 1, 0] },
      value: { kind: 'register', register: 0, dtype: 'int32' },
    },
  ];
  return {
    axes: [
      { extent: sizeOf(values.shape.slice(0, -1)), role: 'parallel' },
      { extent: m, role: 'parallel' },
      { extent: n, role: 'reduce' },
    ],
    buffers: [
      { dtype: sequence.dtype, access: 'read' },
      { dtype: values.dtype, access: 'read' },
      { dtype: 'int32', access: 'write' },
    ],
    registers: [{ dtype: 'int32' }],
    body: nest([0, 1], body),
  };
}

/**
 * Where values would be put into a rising sequence to keep it rising, as int32: how many elements
 * are less (`left`), or not greater (`right`). Shapes: sequence [..., n], values [..., m] -> that
 * of values. Errors:
 * SHAPE_MISMATCH.
 */
export const searchSorted: Op<readonly ['sequence', 'values'], typeof attrs> =
  /* @__PURE__ */ defineOp({
    name: 'searchSorted',
    inputs: ['sequence', 'values'],
    attrs,
    infer({ sequence, values }) {
      if (
        sequence.rank === 0 ||
        !shapesAgree(sequence.shape.slice(0, -1), values.shape.slice(0, -1)) ||
        values.rank === 0
      ) {
        throw new GraphError('SHAPE_MISMATCH', 'searchSorted', {
          what: 'the axes in front of the last must be the same.',
          given: { sequence, values },
          fix: 'give one row of values for each row of the sequence.',
        });
      }
      return { dtype: 'int32', shape: values.shape };
    },
    grad: null,
    lower: ({ inputs: { sequence, values }, attrs: { side } }) => ({
      kind: 'loop',
      kernel: countingKernel(sequence, values, side === 'left'),
    }),
  });

/** How many elements of a rising sequence are less than each value. */
export const lowerBound = (sequence: TensorLike, values: TensorLike): Tensor =>
  searchSorted(sequence, values, { side: 'left' });

/** How many elements of a rising sequence are not greater than each value. */
export const upperBound = (sequence: TensorLike, values: TensorLike): Tensor =>
  searchSorted(sequence, values, { side: 'right' });
