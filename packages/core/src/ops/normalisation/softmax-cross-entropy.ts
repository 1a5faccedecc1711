import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import { mergeShapes, shapesAgree } from '../../graph/shape.js';
import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { sub } from '../arithmetic/sub.js';
import { equal } from '../comparison/equal.js';
import { where } from '../logical/where.js';
import { sum } from '../reduction/sum.js';
import { expandDims } from '../shape/expand-dims.js';
import { logSoftmax } from './log-softmax.js';
import { softmax } from './softmax.js';

/**
 * Cross-entropy of softmax, `y = -sum_c labels_c logSoftmax(logits)_c` over the last axis; a label of 0 adds nothing,
 * even where the logit is -Infinity. The gradient by the logits is `softmax(logits) sum(labels) - labels`. Shapes: labels, logits [..., classes] -> [...]. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const softmaxCrossEntropy: Op<readonly ['labels', 'logits']> = /* @__PURE__ */ defineOp({
  name: 'softmaxCrossEntropy',
  inputs: ['labels', 'logits'],
  infer({ labels, logits }) {
    const given = { labels, logits };
    if (logits.rank === 0 || !shapesAgree(labels.shape, logits.shape)) {
      throw new GraphError('SHAPE_MISMATCH', 'softmaxCrossEntropy', {
        what: 'labels and logits must have the same shape, the classes last.',
        given,
        fix: 'for class numbers use sparseSoftmaxCrossEntropy.',
      });
    }
    if (!isFloat(logits.dtype) || labels.dtype !== logits.dtype) {
      throw new GraphError('DTYPE_MISMATCH', 'softmaxCrossEntropy', {
        what: 'labels and logits must have one float dtype.',
        given,
      });
    }
    return { dtype: logits.dtype, shape: mergeShapes(labels.shape, logits.shape).slice(0, -1) };
  },
  grad({ labels, logits, dy }) {
    const flow = expandDims(dy, { axis: -1 });
    const expected = mul(softmax(logits), sum(labels, { axis: -1, keepDims: true }));
    return { labels: neg(mul(flow, logSoftmax(logits))), logits: mul(flow, sub(expected, labels)) };
  },
  expand({ labels, logits }) {
    const terms = where(equal(labels, 0), 0, mul(labels, logSoftmax(logits)));
    return neg(sum(terms, { axis: -1 }));
  },
});
