import type { z } from 'zod';
import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { type boxAttrs, nonMaxSuppressionOp } from './non-max-suppression-op.js';

export interface SelectedBoxes {
  /** int32 [maxOutputSize]: the boxes, best first, then zeros. */
  readonly selectedIndices: Tensor;
  /** [maxOutputSize]: their scores, lowered by overlap where `softNmsSigma` says so, then zeros. */
  readonly selectedScores: Tensor;
  /** int32 []: how many were chosen. */
  readonly validOutputs: Tensor;
}

/**
 * Chooses boxes by score, leaving out those that overlap a better one; as sizes are fixed in a graph, the result is padded.
 * Shapes: boxes [n, 4] (y1, x1, y2, x2), scores [n] -> [maxOutputSize]. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export function nonMaxSuppression(
  boxes: TensorLike,
  scores: TensorLike,
  options: z.input<typeof boxAttrs>,
): SelectedBoxes {
  const [selectedIndices, selectedScores, validOutputs] = nonMaxSuppressionOp(
    boxes,
    scores,
    options,
  ) as [Tensor, Tensor, Tensor];
  return { selectedIndices, selectedScores, validOutputs };
}
