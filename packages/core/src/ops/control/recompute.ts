import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { enclosed } from './call.js';
import { flatten, type Nested, nest, type Tensors } from './nested.js';

/**
 * The function with the same values and gradients, whose intermediate values are not kept for the gradient but computed
 * again: memory for time. Random numbers are drawn the same again.
 * Source: T. Chen, B. Xu, C. Zhang, C. Guestrin, "Training deep nets with sublinear memory cost", 2016.
 */
export function recompute<I extends readonly TensorLike[], const N extends Nested>(
  fn: (...inputs: { [K in keyof I]: Tensor }) => N,
): (...inputs: I) => Tensors<N> {
  return (...inputs) => {
    let returned: N | undefined;
    const tensors = inputs.map((input) => constantOf(input, undefined, 'recompute'));
    const outputs = enclosed(tensors, (params) => {
      returned = fn(...(params as unknown as { [K in keyof I]: Tensor }));
      return flatten(returned, 'recompute');
    });
    return nest(returned as N, outputs.values());
  };
}
