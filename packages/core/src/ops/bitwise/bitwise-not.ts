import { constantOf, type TensorLike } from '../../graph/constant.js';
import { hostTensor } from '../../graph/host-tensor.js';
import type { Tensor } from '../../graph/tensor.js';
import { bitwiseXor } from './bitwise-xor.js';

/** Every bit inverted, `y = -1 - x` of signed integers; of bool, `not x`. Errors: DTYPE_MISMATCH. */
export function bitwiseNot(x: TensorLike): Tensor {
  const value = constantOf(x, undefined, 'bitwiseNot');
  return bitwiseXor(value, hostTensor(-1, { dtype: value.dtype }));
}
