import { constant } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastLike } from './broadcast-like.js';
import { concat } from './concat.js';

/** Gradients of the parts of a tensor put together again; zeros where nothing depends on a part. */
export function concatFlows(
  parts: readonly Tensor[],
  flows: readonly (Tensor | null)[],
  axis: number,
): Tensor {
  const full = parts.map(
    (part, i) => flows[i] ?? broadcastLike(constant(0, { dtype: part.dtype }), part),
  );
  return concat(full, { axis });
}
