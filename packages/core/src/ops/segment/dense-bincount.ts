import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, type Shape, sameShape, shapesAgree, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { checkIndices } from '../indexing/check-indices.js';
import { filled } from '../indexing/filled.js';
import { flatIndex } from '../indexing/flat-index.js';
import { inRange } from '../indexing/in-range.js';
import { scatterAdd, scatterSet } from '../scattering/scatter-rows.js';
import { reshape } from '../shape/reshape.js';
import { slice } from '../slicing/slice.js';

const attrs = z.strictObject({
  size: z.int().min(0),
  /** Whether a value occurs, as 0 or 1, instead of how often, in a vector as in rows; the weights do not count then. */
  binaryOutput: z.boolean().default(false),
});

function binnedShape(x: Tensor, weights: Tensor, size: number): Shape {
  checkIndices('denseBincount', { x });
  const unweighted = weights.shape.includes(0);
  if (x.rank < 1 || x.rank > 2 || !(unweighted || shapesAgree(x.shape, weights.shape))) {
    throw new GraphError('SHAPE_MISMATCH', 'denseBincount', {
      what: 'x must have one or two axes, and the weights its shape, or no elements at all.',
      given: { x, weights },
      fix: 'give weights for every element of x, or [] to count.',
    });
  }
  return [...x.shape.slice(0, -1), size];
}

/**
 * How often each number from 0 to size - 1 occurs in x, or in each row of x; with weights, the sum
 * of those at its places. Numbers of at least size are left out. Shapes: x [n], weights [n] or [0]
 * -> [size]; x [b, n], weights [b, n] or [0] -> [b, size].
 * Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run for
 * negative numbers.
 */
export const denseBincount: Op<readonly ['x', 'weights'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'denseBincount',
  inputs: ['x', 'weights'],
  integer: ['x'],
  attrs,
  infer: ({ x, weights }, { size }) => ({
    dtype: weights.dtype,
    shape: binnedShape(x, weights, size),
  }),
  grad: 'expand',
  expand({ x, weights }, { size, binaryOutput }) {
    const { dtype } = weights;
    const batch = x.shape.slice(0, -1) as KnownShape;
    const bins = sizeOf(batch) * (size + 1); // each row has one more bin, for what is left out
    const strides = [...batch.map(() => size + 1), 0];
    const checked = inRange(x, { sizes: [size], open: 'beyond', where: 'denseBincount' });
    const places = reshape(flatIndex(checked, { size, strides, beyond: size }), {
      shape: [x.size],
    });
    const counted = binaryOutput || !sameShape(x.shape, weights.shape);
    const values = counted ? filled(1, dtype, [x.size]) : reshape(weights, { shape: [x.size] });
    const total = (binaryOutput ? scatterSet : scatterAdd)(
      filled(0, dtype, [bins]),
      places,
      values,
    );
    const shape = [...batch, size];
    return slice(reshape(total, { shape: [...batch, size + 1] }), {
      begin: shape.map(() => 0),
      size: shape,
    });
  },
});
