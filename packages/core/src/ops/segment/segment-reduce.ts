import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { DType } from '../../graph/dtype.js';
import { type KnownShape, type Shape, shapesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { checkIndices } from '../indexing/check-indices.js';
import { filled } from '../indexing/filled.js';
import { flatIndex } from '../indexing/flat-index.js';
import { inRange } from '../indexing/in-range.js';
import { type ScatterMode, scatterRows } from '../scattering/scatter-rows.js';
import { slice } from '../slicing/slice.js';

export const segmentAttrs = z.strictObject({ numSegments: z.int().min(0) });

export type SegmentOp = Op<readonly ['x', 'segmentIds'], typeof segmentAttrs>;

/** One row for each segment. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export function segmentedShape(
  where: string,
  given: { readonly x: Tensor; readonly segmentIds: Tensor },
  numSegments: number,
): Shape {
  const { x, segmentIds } = given;
  checkIndices(where, { segmentIds });
  if (!shapesAgree(segmentIds.shape, x.shape.slice(0, segmentIds.rank))) {
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: 'there is not one segment for each row of x.',
      given,
      fix: 'segmentIds must have the first sizes of x.',
    });
  }
  return [numSegments, ...x.shape.slice(segmentIds.rank)];
}

interface SegmentRow {
  readonly name: string;
  readonly mode: ScatterMode;
  /** The value of a segment without rows. */
  start(dtype: DType): number | bigint;
}

/**
 * An op that combines the rows of each segment. Rows of a negative segment are left out; one that
 * is not below `numSegments` is an error of the run.
 */
export function defineSegment({ name, mode, start }: SegmentRow): SegmentOp {
  return defineOp({
    name,
    inputs: ['x', 'segmentIds'],
    integer: ['segmentIds'],
    attrs: segmentAttrs,
    infer: (given, { numSegments }) => ({
      dtype: given.x.dtype,
      shape: segmentedShape(name, given, numSegments),
    }),
    grad: 'expand',
    expand({ x, segmentIds }, { numSegments }) {
      const inner = x.shape.slice(segmentIds.rank) as KnownShape;
      // What is left out goes to a row of its own behind the others.
      const checked = inRange(segmentIds, { sizes: [numSegments], open: 'below', where: name });
      const rows = flatIndex(checked, { size: numSegments, negative: numSegments });
      const base = filled(start(x.dtype), x.dtype, [numSegments + 1, ...inner]);
      const begin = [0, ...inner.map(() => 0)];
      return slice(scatterRows(base, rows, x, { mode }), { begin, size: [numSegments, ...inner] });
    },
  });
}
