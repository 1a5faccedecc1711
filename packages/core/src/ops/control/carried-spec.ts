import { GraphError } from '../../errors.js';
import { mergeShapes, shapesAgree } from '../../graph/shape.js';
import type { Tensor, TensorSpec } from '../../graph/tensor.js';

/** dtype and shape of an element of a loop's state: what it starts as and what each turn makes of it must agree. */
export function carriedSpec(
  where: string,
  initial: Tensor,
  next: Tensor,
  place: number,
): TensorSpec {
  const sameDType = initial.dtype === next.dtype;
  if (sameDType && shapesAgree(initial.shape, next.shape)) {
    return { dtype: initial.dtype, shape: mergeShapes(initial.shape, next.shape) };
  }
  throw new GraphError(sameDType ? 'SHAPE_MISMATCH' : 'DTYPE_MISMATCH', where, {
    what: `element ${place} of the state does not keep its dtype and shape.`,
    given: { initial, next },
    fix: 'start with a value of the dtype and shape that the body returns.',
  });
}
