import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import { shapesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from './add.js';

/** Sum of a list of tensors, `y = x0 + x1 + ...`. Shapes: all the same. Errors: ATTRIBUTE_INVALID (none given), SHAPE_MISMATCH. */
export function addN(tensors: readonly TensorLike[]): Tensor {
  const given = tensors.map((tensor) => constantOf(tensor, undefined, 'addN'));
  const [first, ...rest] = given;
  if (!first)
    throw new GraphError('ATTRIBUTE_INVALID', 'addN', {
      what: 'there is nothing to add.',
      fix: 'give at least one tensor.',
    });
  if (rest.some(({ shape }) => !shapesAgree(shape, first.shape))) {
    throw new GraphError('SHAPE_MISMATCH', 'addN', {
      what: 'the tensors differ in shape.',
      given: { tensors: given },
      fix: 'use add, which broadcasts.',
    });
  }
  return rest.reduce<Tensor>((sum, tensor) => add(sum, tensor), first);
}
