import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { isFloat, isInteger } from '../../graph/dtype.js';
import { mergeShapes, shapesAgree } from '../../graph/shape.js';
import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { sub } from '../arithmetic/sub.js';
import { takeAlongAxis } from '../indexing/take-along-axis.js';
import { expandDims } from '../shape/expand-dims.js';
import { squeeze } from '../shape/squeeze.js';
import { logSoftmax } from './log-softmax.js';
import { oneHotLike } from './one-hot-like.js';
import { softmax } from './softmax.js';

/**
 * Cross-entropy of softmax for class numbers, `y = -logSoftmax(logits)[label]` over the last axis.
 * Shapes: labels (integers) [...], logits [..., classes] -> [...].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run for a label that is no class.
 */
export const sparseSoftmaxCrossEntropy: Op<readonly ['labels', 'logits']> =
  /* @__PURE__ */ defineOp({
    name: 'sparseSoftmaxCrossEntropy',
    inputs: ['labels', 'logits'],
    infer({ labels, logits }) {
      const given = { labels, logits };
      if (logits.rank === 0 || !shapesAgree(labels.shape, logits.shape.slice(0, -1))) {
        throw new GraphError('SHAPE_MISMATCH', 'sparseSoftmaxCrossEntropy', {
          what: 'labels must have the shape of the logits without their last axis.',
          given,
        });
      }
      if (!isFloat(logits.dtype) || !isInteger(labels.dtype)) {
        throw new GraphError('DTYPE_MISMATCH', 'sparseSoftmaxCrossEntropy', {
          what: 'labels must be integers, logits floats.',
          given,
        });
      }
      return { dtype: logits.dtype, shape: mergeShapes(labels.shape, logits.shape.slice(0, -1)) };
    },
    grad({ labels, logits, dy }) {
      const change = sub(softmax(logits), oneHotLike(labels, logits));
      return { logits: mul(expandDims(dy, { axis: -1 }), change) };
    },
    expand({ labels, logits }) {
      const chosen = takeAlongAxis(logSoftmax(logits), expandDims(labels, { axis: -1 }), {
        axis: -1,
      });
      return neg(squeeze(chosen, { axis: [-1] }));
    },
  });
