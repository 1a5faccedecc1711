import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { expandDims } from '../shape/expand-dims.js';
import { identity } from '../shape/identity.js';
import { squeeze } from '../shape/squeeze.js';
import { matMul } from './mat-mul.js';

/**
 * Product of vectors and matrices, `y[i, j] = sum_p a[i, p] b[p, j]`; a vector has no i or no j.
 * Shapes: a [k] or [m, k], b [k] or [k, n]. Errors: SHAPE_MISMATCH.
 */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  const [left, right] = [identity(a), identity(b)];
  if (![left, right].every(({ rank }) => rank === 1 || rank === 2)) {
    throw new GraphError('SHAPE_MISMATCH', 'dot', {
      what: 'both operands must be vectors or matrices.',
      given: { a: left, b: right },
      fix: 'use matMul for batches of matrices, mul for scalars.',
    });
  }
  const rows = left.rank === 1 ? expandDims(left, { axis: 0 }) : left;
  const columns = right.rank === 1 ? expandDims(right, { axis: 1 }) : right;
  const added = [...(left.rank === 1 ? [0] : []), ...(right.rank === 1 ? [1] : [])];
  const product = matMul(rows, columns);
  return added.length > 0 ? squeeze(product, { axis: added }) : product;
}
