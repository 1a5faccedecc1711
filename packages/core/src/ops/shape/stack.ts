import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { concat } from './concat.js';
import { expandDims } from './expand-dims.js';

/** Tensors of one shape along a new axis. Shapes: n times [...] -> [n, ...] at `axis`. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID. */
export function stack(
  values: readonly TensorLike[],
  { axis = 0 }: { readonly axis?: number } = {},
): Tensor {
  if (values.length === 0) {
    throw new GraphError('SHAPE_MISMATCH', 'stack', {
      what: 'there is nothing to stack.',
      fix: 'give at least one tensor.',
    });
  }
  return concat(
    values.map((value) => expandDims(value, { axis })),
    { axis },
  );
}
