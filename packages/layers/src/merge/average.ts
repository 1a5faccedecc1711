import { add, div, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Merge } from './merge.js';

/** Mean of the n inputs, `y = (a + b + ...) / n`. Shapes: inputs [batch, ...], broadcast against each other. */
export class Average extends Merge {
  static override readonly className = 'Average';

  protected override combine(inputs: readonly Tensor[]): Tensor {
    return div(
      inputs.reduce((a, b) => add(a, b)),
      inputs.length,
    );
  }
}

/** A layer that takes the mean of tensors. */
export const average = factory(Average);
