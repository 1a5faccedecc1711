import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { mul } from '../arithmetic/mul.js';
import { expandDims } from '../shape/expand-dims.js';
import { identity } from '../shape/identity.js';

/** Outer product of vectors, `y[i, j] = a[i] b[j]`. Shapes: a [m], b [n] -> [m, n]. Errors: SHAPE_MISMATCH. */
export function outerProduct(a: TensorLike, b: TensorLike): Tensor {
  const [left, right] = [identity(a), identity(b)];
  if (left.rank !== 1 || right.rank !== 1) {
    throw new GraphError('SHAPE_MISMATCH', 'outerProduct', {
      what: 'both operands must be vectors.',
      given: { a: left, b: right },
      fix: 'flatten them first.',
    });
  }
  return mul(expandDims(left, { axis: 1 }), expandDims(right, { axis: 0 }));
}
