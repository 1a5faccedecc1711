import { GraphError } from '../../errors.js';
import { isInteger } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';

/** Refuses indices that are not integers. Errors: DTYPE_MISMATCH. */
export function checkIndices(where: string, given: Readonly<Record<string, Tensor>>): void {
  for (const [name, indices] of Object.entries(given)) {
    if (isInteger(indices.dtype)) continue;
    throw new GraphError('DTYPE_MISMATCH', where, {
      what: `${name} must be integers.`,
      given,
      fix: "cast them, for example cast(indices, { dtype: 'int32' }).",
    });
  }
}
