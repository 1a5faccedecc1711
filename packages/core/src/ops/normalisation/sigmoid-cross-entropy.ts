import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import { broadcastShapes } from '../../graph/shape.js';
import { relu } from '../activation/relu.js';
import { abs } from '../arithmetic/abs.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { sub } from '../arithmetic/sub.js';
import { exp } from '../exponential/exp.js';
import { log1p } from '../exponential/log1p.js';
import { sigmoid } from '../exponential/sigmoid.js';

/**
 * Cross-entropy of sigmoid, element by element, `y = max(x, 0) - x z + ln(1 + e^(-|x|))` for logits x and labels z, which
 * never overflows; the gradient by the logits is `sigmoid(x) - z`. Shapes: labels, logits broadcast.
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 */
export const sigmoidCrossEntropy: Op<readonly ['labels', 'logits']> = /* @__PURE__ */ defineOp({
  name: 'sigmoidCrossEntropy',
  inputs: ['labels', 'logits'],
  broadcasts: true,
  infer({ labels, logits }) {
    if (!isFloat(logits.dtype) || labels.dtype !== logits.dtype) {
      throw new GraphError('DTYPE_MISMATCH', 'sigmoidCrossEntropy', {
        what: 'labels and logits must have one float dtype.',
        given: { labels, logits },
      });
    }
    return {
      dtype: logits.dtype,
      shape: broadcastShapes({ labels, logits }, 'sigmoidCrossEntropy'),
    };
  },
  grad: ({ labels, logits, dy }) => ({
    labels: neg(mul(dy, logits)),
    logits: mul(dy, sub(sigmoid(logits), labels)),
  }),
  expand: ({ labels, logits }) =>
    add(sub(relu(logits), mul(logits, labels)), log1p(exp(neg(abs(logits))))),
});
