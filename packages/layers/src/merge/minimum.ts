import { minimum as smallerOf, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Merge } from './merge.js';

/** The smallest of the inputs, `y = min(a, b, ...)`. Shapes: inputs [batch, ...], broadcast against each other. */
export class Minimum extends Merge {
  static override readonly className = 'Minimum';

  protected override combine(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((a, b) => smallerOf(a, b));
  }
}

/** A layer that takes the smallest of tensors. */
export const minimum = factory(Minimum);
