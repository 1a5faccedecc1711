import { constantOf, integerConstantOf, type TensorLike } from '../../graph/constant.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { filled } from '../indexing/filled.js';
import { tensorScatterUpdate } from '../scattering/tensor-scatter.js';
import { broadcastTo } from '../shape/broadcast-to.js';
import { reshape } from '../shape/reshape.js';

interface SparseToDenseOptions {
  readonly shape: KnownShape;
  /** What the places without a value hold. */
  readonly defaultValue?: number;
}

// One axis may be indexed by plain numbers, and all values may be given as one.
function asTuples(indices: Tensor, rank: number): Tensor {
  if (indices.rank === 0) return reshape(indices, { shape: [1, 1] });
  return indices.rank === 1 && rank === 1 ? reshape(indices, { shape: [-1, 1] }) : indices;
}

/**
 * A tensor of one default value with the given values at tuples of indices; of several for one
 * place the last stays.
 * Shapes: indices [n, rank] (or [n], or a scalar, for one axis), values [n] or a scalar -> shape.
 * Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export function sparseToDense(
  indices: TensorLike,
  values: TensorLike,
  { shape, defaultValue = 0 }: SparseToDenseOptions,
): Tensor {
  const tuples = asTuples(integerConstantOf(indices, 'sparseToDense: indices'), shape.length);
  const given = constantOf(values, undefined, 'sparseToDense: values');
  const count = tuples.shape.slice(0, -1);
  const each =
    given.rank === 0 && count.length > 0 ? broadcastTo(given, { shape: count as number[] }) : given;
  return tensorScatterUpdate(filled(defaultValue, given.dtype, shape), tuples, each);
}
