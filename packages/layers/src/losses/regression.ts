import { abs, mean, square, sub, type Tensor } from '@tenon/core';
import type { Loss } from './loss.js';
import { targetLike } from './target-like.js';

const difference = (where: string, target: Tensor, output: Tensor): Tensor =>
  sub(targetLike(where, target, output), output);

const overLast = (values: Tensor): Tensor =>
  values.rank > 1 ? mean(values, { axis: -1 }) : values;

/** `mean((target - output)^2)` over the last axis. Errors: SHAPE_MISMATCH. */
export class MeanSquaredError implements Loss {
  readonly className = 'MeanSquaredError';
  readonly config = {};

  call(target: Tensor, output: Tensor): Tensor {
    return overLast(square(difference('meanSquaredError', target, output)));
  }
}

/** `mean(|target - output|)` over the last axis. Errors: SHAPE_MISMATCH. */
export class MeanAbsoluteError implements Loss {
  readonly className = 'MeanAbsoluteError';
  readonly config = {};

  call(target: Tensor, output: Tensor): Tensor {
    return overLast(abs(difference('meanAbsoluteError', target, output)));
  }
}
