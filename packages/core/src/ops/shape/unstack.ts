import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { axisOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { identity } from './identity.js';
import { split } from './split.js';
import { squeeze } from './squeeze.js';

/** The tensors that lie along an axis, each without it; the inverse of stack. Errors: ATTRIBUTE_INVALID, SHAPE_UNKNOWN. */
export function unstack(
  value: TensorLike,
  { axis = 0 }: { readonly axis?: number } = {},
): readonly Tensor[] {
  const x = identity(value);
  const count = x.shape[axisOf(axis, x.rank, 'unstack')] as number | null;
  if (count === null) {
    throw new GraphError('SHAPE_UNKNOWN', 'unstack', {
      what: `how many tensors lie along axis ${axis} is not known yet.`,
      given: { x },
      fix: 'give the placeholder that it depends on a fixed size there.',
    });
  }
  if (count === 0) return [];
  return split(x, { sizes: Array.from({ length: count }, () => 1), axis }).map((part) =>
    squeeze(part, { axis }),
  );
}
