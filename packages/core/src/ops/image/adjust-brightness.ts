import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';

/** Every pixel brighter by `delta`, `y = x + delta`. Shapes: x -> x. */
export const adjustBrightness = (x: TensorLike, { delta }: { readonly delta: number }): Tensor =>
  add(x, delta);
