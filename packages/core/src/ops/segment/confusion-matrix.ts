import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { constantOf, integerConstantOf, type TensorLike } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { shapesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { checkIndices } from '../indexing/check-indices.js';
import { filled } from '../indexing/filled.js';
import { flatIndex } from '../indexing/flat-index.js';
import { oneHot } from '../indexing/one-hot.js';
import { scatterAdd } from '../scattering/scatter-rows.js';
import { reshape } from '../shape/reshape.js';
import { slice } from '../slicing/slice.js';

const attrs = z.strictObject({ numClasses: z.int().min(1) });

/** The sum of weights for each pair of label and prediction; see `confusionMatrix`. */
export const weightedConfusion: Op<readonly ['labels', 'predictions', 'weights'], typeof attrs> =
  /* @__PURE__ */ defineOp({
    name: 'weightedConfusion',
    inputs: ['labels', 'predictions', 'weights'],
    integer: ['labels', 'predictions'],
    attrs,
    infer(given, { numClasses }) {
      const { labels, predictions, weights } = given;
      checkIndices('confusionMatrix', { labels, predictions });
      const fits =
        labels.rank === 1 &&
        shapesAgree(labels.shape, predictions.shape) &&
        (weights.rank === 0 || shapesAgree(labels.shape, weights.shape));
      if (!fits) {
        throw new GraphError('SHAPE_MISMATCH', 'confusionMatrix', {
          what: 'labels, predictions and weights must be vectors of one size.',
          given,
          fix: 'flatten them.',
        });
      }
      return { dtype: weights.dtype, shape: [numClasses, numClasses] };
    },
    grad: 'expand',
    expand({ labels, predictions, weights }, { numClasses: n }) {
      const { dtype } = weights;
      const columns = oneHot(predictions, { depth: n, dtype }); // [examples, n]
      const weighted =
        weights.rank === 0
          ? mul(columns, weights)
          : mul(columns, reshape(weights, { shape: [labels.size, 1] }));
      const rows = flatIndex(labels, { size: n, negative: n, beyond: n });
      return slice(scatterAdd(filled(0, dtype, [n + 1, n]), rows, weighted), {
        begin: [0, 0],
        size: [n, n],
      });
    },
  });

/**
 * How many examples of each label (row) had each prediction (column), int32; with weights, the sum
 * of theirs. Labels and predictions outside 0..numClasses-1 are left out. Shapes: labels,
 * predictions, weights [n] -> [numClasses, numClasses].
 * Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export function confusionMatrix(
  labels: TensorLike,
  predictions: TensorLike,
  { weights, ...options }: { readonly numClasses: number; readonly weights?: TensorLike },
): Tensor {
  const given =
    weights === undefined
      ? integerConstantOf(1, 'confusionMatrix')
      : constantOf(weights, undefined, 'confusionMatrix: weights');
  return weightedConfusion(labels, predictions, given, options);
}
