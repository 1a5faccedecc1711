import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { stridesOf } from '../../graph/shape.js';
import { call, cast, literal, mapKernel, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { checkIndices } from './check-indices.js';

const attrs = z.strictObject({
  /** Indices from 0 to size - 1 are valid. */
  size: z.int().min(0),
  stride: z.int().default(1),
  /** What a position on each axis of the indices adds; nothing when left out. */
  strides: z.array(z.int()).optional(),
  /** Result for an index below 0; -1 makes gather and scatter fail. */
  negative: z.int().default(-1),
  /** Result for an index of at least `size`. */
  beyond: z.int().default(-1),
});

/**
 * Indices of one axis as positions in a flattened tensor, `y[i, j, ...] = stride x[i, j, ...] +
 * strides[0] i + strides[1] j + ...`.
 * Shapes: indices any -> the same.
 */
export const flatIndex: Op<readonly ['indices'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'flatIndex',
  inputs: ['indices'],
  integer: ['indices'],
  attrs,
  infer({ indices }) {
    checkIndices('flatIndex', { indices });
    return { dtype: 'int32', shape: indices.shape };
  },
  grad: null,
  lower: ({ inputs: { indices }, output, attrs: { size, stride, strides, negative, beyond } }) =>
    mapKernel({
      output,
      inputs: [indices],
      views: [{ strides: stridesOf(indices.shape) }],
      value([given], position) {
        const index = widened(given as Expression);
        const scaled = call('mul', cast(index, 'int32'), literal(stride, 'int32'));
        const place: Expression = strides
          ? call('add', scaled, { ...position(0), kind: 'index', index: { offset: 0, strides } })
          : scaled;
        const below = call('less', index, literal(0, index.dtype));
        const inside = call('less', index, literal(size, index.dtype));
        return select(
          below,
          literal(negative, 'int32'),
          select(inside, place, literal(beyond, 'int32')),
        );
      },
    }),
});

/** Indices in a dtype that holds every size. */
export const widened = (index: Expression): Expression =>
  index.dtype === 'int64' ? index : cast(index, 'int32');
