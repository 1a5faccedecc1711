import { maximum as largerOf, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Merge } from './merge.js';

/** The largest of the inputs, `y = max(a, b, ...)`. Shapes: inputs [batch, ...], broadcast against each other. */
export class Maximum extends Merge {
  static override readonly className = 'Maximum';

  protected override combine(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((a, b) => largerOf(a, b));
  }
}

/** A layer that takes the largest of tensors. */
export const maximum = factory(Maximum);
