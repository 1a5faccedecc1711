import {
  add,
  cast,
  clipByValue,
  GraphError,
  log,
  mean,
  mul,
  neg,
  parseOptions,
  reciprocal,
  sigmoid,
  sigmoidCrossEntropy,
  softmax,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
  squeeze,
  sub,
  sum,
  type Tensor,
} from '@tenon/core';
import { z } from 'zod';
import type { Loss } from './loss.js';
import { targetLike } from './target-like.js';

const config = z.strictObject({
  /** The outputs are logits, not probabilities. */
  fromLogits: z.boolean().default(false),
});

type Config = z.input<typeof config>;

// Probabilities are kept this far from 0, where the logarithm ends, as in Keras.
const leastProbability = 1e-7;

/**
 * Where the output is `normalise(logits)`, the logits: the loss of logits is exact where probabilities have
 * rounded to 0 or 1, and its gradient is one subtraction.
 */
function logitsOf(output: Tensor, fromLogits: boolean, normalise: object): Tensor | undefined {
  if (fromLogits) return output;
  const { op, inputs, attrs } = output.node;
  const lastAxis = attrs.axis === undefined || attrs.axis === -1 || attrs.axis === output.rank - 1;
  return op === normalise && lastAxis ? inputs[0] : undefined;
}

abstract class Crossentropy implements Loss {
  readonly config: z.output<typeof config>;
  abstract readonly className: string;

  constructor(given: Config = {}) {
    this.config = parseOptions(new.target.name, config, given);
  }

  abstract call(target: Tensor, output: Tensor): Tensor;
}

/** `-sum_c target_c log output_c` over the last axis; targets are probabilities, usually one-hot. */
export class CategoricalCrossentropy extends Crossentropy {
  readonly className = 'CategoricalCrossentropy';

  call(target: Tensor, output: Tensor): Tensor {
    const labels = targetLike('categoricalCrossentropy', target, output);
    const logits = logitsOf(output, this.config.fromLogits, softmax);
    if (logits) return softmaxCrossEntropy(labels, logits);
    const scaled = mul(labels, log(normalised(output)));
    return neg(sum(scaled, { axis: -1 }));
  }
}

/** Rows that sum to 1, away from 0. */
function normalised(output: Tensor): Tensor {
  const total = sum(output, { axis: -1, keepDims: true });
  return clipByValue(mul(output, reciprocal(total)), {
    min: leastProbability,
    max: 1 - leastProbability,
  });
}

/** `-log output[target]`; targets are class numbers of shape [batch, ...] or [batch, ..., 1]. */
export class SparseCategoricalCrossentropy extends Crossentropy {
  readonly className = 'SparseCategoricalCrossentropy';

  call(target: Tensor, output: Tensor): Tensor {
    const labels = cast(classNumbers(target, output), { dtype: 'int32' });
    const logits = logitsOf(output, this.config.fromLogits, softmax);
    return sparseSoftmaxCrossEntropy(labels, logits ?? log(normalised(output)));
  }
}

/** Class numbers without a last axis of size 1. Errors: SHAPE_MISMATCH. */
export function classNumbers(target: Tensor, output: Tensor): Tensor {
  if (target.rank === output.rank && (target.shape.at(-1) ?? 1) === 1)
    return squeeze(target, { axis: -1 });
  if (target.rank === output.rank - 1) return target;
  throw new GraphError('SHAPE_MISMATCH', 'sparseCategoricalCrossentropy', {
    what: 'targets must be class numbers, one for each output row.',
    given: { target, output },
    fix: 'for one-hot targets use categoricalCrossentropy.',
  });
}

/** `-target log output - (1 - target) log(1 - output)`, averaged over the last axis. */
export class BinaryCrossentropy extends Crossentropy {
  readonly className = 'BinaryCrossentropy';

  call(target: Tensor, output: Tensor): Tensor {
    const labels = targetLike('binaryCrossentropy', target, output);
    const logits = logitsOf(output, this.config.fromLogits, sigmoid);
    const values = logits ? sigmoidCrossEntropy(labels, logits) : fromProbabilities(labels, output);
    return values.rank > 1 ? mean(values, { axis: -1 }) : values;
  }
}

function fromProbabilities(labels: Tensor, output: Tensor): Tensor {
  const p = clipByValue(output, { min: leastProbability, max: 1 - leastProbability });
  return neg(add(mul(labels, log(p)), mul(sub(1, labels), log(sub(1, p)))));
}
