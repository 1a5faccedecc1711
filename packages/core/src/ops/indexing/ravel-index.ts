import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisSize, sizesAgree, stridesOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { call, cast, literal, mapKernel, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { checkIndices } from './check-indices.js';
import { widened } from './flat-index.js';
import { inRange } from './in-range.js';

const attrs = z.strictObject({ sizes: z.array(z.int().min(0)) });

type Load = Extract<Expression, { kind: 'load' }>;

/**
 * Tuples of indices as positions in a row-major tensor, `y = sum_j indices[..., j] stride(j)`; -1
 * where one is outside its axis.
 * Shapes: indices [..., k] with k sizes -> [...].
 */
export const ravelIndex: Op<readonly ['indices'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'ravelIndex',
  inputs: ['indices'],
  integer: ['indices'],
  attrs,
  infer({ indices }, { sizes }) {
    checkIndices('ravelIndex', { indices });
    if (indices.rank === 0 || !sizesAgree(axisSize(indices, -1), sizes.length)) {
      throw new GraphError('SHAPE_MISMATCH', 'ravelIndex', {
        what: `the last axis of the indices must have one entry for each of ${sizes.length} sizes.`,
        given: { indices },
      });
    }
    return { dtype: 'int32', shape: indices.shape.slice(0, -1) };
  },
  grad: null,
  lower({ inputs: { indices }, output, attrs: { sizes } }) {
    const strides = stridesOf(sizes);
    return mapKernel({
      output,
      inputs: [indices],
      views: [{ strides: stridesOf(indices.shape).slice(0, -1) }],
      value: ([first]) =>
        sizes.reduceRight<Expression>(
          (rest, size, j) => {
            const { index } = first as Load;
            const entry = widened({
              ...(first as Load),
              index: { ...index, offset: index.offset + j },
            });
            const inside = call(
              'and',
              call('less', literal(-1, entry.dtype), entry),
              call('less', entry, literal(size, entry.dtype)),
            );
            const place = call(
              'add',
              rest,
              call('mul', cast(entry, 'int32'), literal(strides[j] as number, 'int32')),
            );
            const failed = call('less', rest, literal(0, 'int32'));
            return select(inside, select(failed, rest, place), literal(-1, 'int32'));
          },
          literal(0, 'int32'),
        ),
    });
  },
});

/** `ravelIndex` of tuples that must lie inside; an error names the op that they were given to. */
export const checkedRavel = (
  indices: Tensor,
  { sizes, where }: { readonly sizes: readonly number[]; readonly where: string },
): Tensor => {
  if (sizes.length === 0) return ravelIndex(indices, { sizes: [] });
  const checked = inRange(indices, { sizes: [...sizes], tuples: true, where });
  return ravelIndex(checked, { sizes: [...sizes] });
};
