import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { HostTensor, hostTensor } from '../../graph/host-tensor.js';
import { shapesAgree } from '../../graph/shape.js';
import { selectBoxes } from './select-boxes.js';

export const boxAttrs = z.strictObject({
  /** How many boxes are chosen at most. */
  maxOutputSize: z.int().min(0),
  /** Boxes that overlap a chosen one by at least this part of their union are left out. */
  iouThreshold: z.number().min(0).max(1).default(0.5),
  /** Boxes that score no more are left out. */
  scoreThreshold: z.number().default(-Number.MAX_VALUE),
  /** Above 0, overlap also lowers scores, by a Gaussian of this width. */
  softNmsSigma: z.number().min(0).default(0),
});

/**
 * Non-maximum suppression on the host. Outputs: int32 indices and scores [maxOutputSize], padded with zeros, and the int32
 * number of boxes that were chosen. Shapes: boxes [n, 4] (y1, x1, y2, x2), scores [n]. Errors: SHAPE_MISMATCH.
 */
export const nonMaxSuppressionOp: Op<readonly ['boxes', 'scores'], typeof boxAttrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'nonMaxSuppression',
    inputs: ['boxes', 'scores'],
    attrs: boxAttrs,
    infer({ boxes, scores }, { maxOutputSize }) {
      if (scores.rank !== 1 || !shapesAgree(boxes.shape, [scores.shape[0] ?? null, 4])) {
        throw new GraphError('SHAPE_MISMATCH', 'nonMaxSuppression', {
          what: 'boxes must be [n, 4] and scores [n].',
          given: { boxes, scores },
        });
      }
      return [
        { dtype: 'int32', shape: [maxOutputSize] },
        { dtype: scores.dtype, shape: [maxOutputSize] },
        { dtype: 'int32', shape: [] },
      ];
    },
    grad: null,
    run({ boxes, scores }, limits) {
      const chosen = selectBoxes(scores.data as ArrayLike<number>, {
        boxes: boxes.data as ArrayLike<number>,
        limits,
      });
      const padded = (values: readonly number[]): number[] =>
        Array.from({ length: limits.maxOutputSize }, (_, i) => values[i] ?? 0);
      const shape = [limits.maxOutputSize];
      return [
        new HostTensor(Int32Array.from(padded(chosen.map(({ box }) => box))), shape),
        hostTensor(padded(chosen.map(({ score }) => score)), { dtype: scores.dtype, shape }),
        new HostTensor(Int32Array.of(chosen.length), []),
      ];
    },
  });
