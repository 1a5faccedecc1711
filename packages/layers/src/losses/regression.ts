import { abs, cast, GraphError, mean, square, sub, type Tensor } from '@tenon/core';
import type { Loss } from './loss.js';

/** target - output in the dtype of the output. Errors: SHAPE_MISMATCH where the ranks differ, which broadcasting would hide. */
function difference(where: string, target: Tensor, output: Tensor): Tensor {
  if (target.rank !== output.rank) {
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: 'targets and outputs have different ranks.',
      given: { target, output },
      fix: 'give targets of the shape of the model output, for example [batch, 1] for dense({ units: 1 }).',
    });
  }
  return sub(cast(target, { dtype: output.dtype }), output);
}

const overLast = (values: Tensor): Tensor =>
  values.rank > 1 ? mean(values, { axis: -1 }) : values;

/** `mean((target - output)^2)` over the last axis. */
export class MeanSquaredError implements Loss {
  readonly className = 'MeanSquaredError';
  readonly config = {};

  call(target: Tensor, output: Tensor): Tensor {
    return overLast(square(difference('meanSquaredError', target, output)));
  }
}

/** `mean(|target - output|)` over the last axis. */
export class MeanAbsoluteError implements Loss {
  readonly className = 'MeanAbsoluteError';
  readonly config = {};

  call(target: Tensor, output: Tensor): Tensor {
    return overLast(abs(difference('meanAbsoluteError', target, output)));
  }
}
