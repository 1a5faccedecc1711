import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { type DType, isFloat } from '../../graph/dtype.js';
import { axisSize, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { matMul } from '../linear/mat-mul.js';
import { where } from '../logical/where.js';
import { softmax } from '../normalisation/softmax.js';
import { dropout as drop } from '../random/dropout.js';
import { identity } from '../shape/identity.js';
import { causalMask } from './causal-mask.js';

export interface AttentionOptions {
  /** bool: true where a query may see a key; floats are added to the scores. Broadcast to [..., queries, keys]. */
  readonly mask?: TensorLike | undefined;
  /** No query sees keys behind its own place. */
  readonly causal?: boolean;
  /** Factor of the scores; 1 / sqrt(size) when left out. */
  readonly scale?: number | undefined;
  /** Part of the weights that are dropped. */
  readonly dropout?: number;
  readonly seed?: number;
}

// Minus infinity in every score of a query would make NaN of its weights; a large number makes them equal.
const hidden = (dtype: DType): number => (dtype === 'float16' ? -3e4 : -1e9);

function masked(scores: Tensor, given: TensorLike): Tensor {
  const mask = identity(given);
  if (mask.dtype === 'bool') return where(mask, scores, hidden(scores.dtype));
  if (isFloat(mask.dtype)) return add(scores, mask);
  throw new GraphError('DTYPE_MISMATCH', 'scaledDotProductAttention', {
    what: 'a mask is bool, or floats to be added to the scores.',
    given: { mask },
    fix: "cast(mask, { dtype: 'bool' })",
  });
}

function checkedSize(q: Tensor, k: Tensor, scale: number | undefined): number {
  const size = axisSize(q, -1) ?? axisSize(k, -1);
  if (q.rank < 2 || !sizesAgree(axisSize(q, -1), axisSize(k, -1))) {
    throw new GraphError('SHAPE_MISMATCH', 'scaledDotProductAttention', {
      what: 'queries and keys must have one size.',
      given: { q, k },
    });
  }
  if (scale !== undefined) return scale;
  if (size === null) {
    throw new GraphError('SHAPE_UNKNOWN', 'scaledDotProductAttention', {
      what: 'the size of queries and keys is not known.',
      given: { q, k },
      fix: 'give scale.',
    });
  }
  return 1 / Math.sqrt(size);
}

/**
 * Attention, `y = softmax(q k^T / sqrt(size) + mask) v`.
 * Shapes: q [..., queries, size], k [..., keys, size], v [..., keys, values] -> [..., queries, values]; the axes before broadcast.
 * Errors: SHAPE_MISMATCH, SHAPE_UNKNOWN, DTYPE_MISMATCH. Source: Vaswani and others 2017, "Attention is all you need".
 */
export function scaledDotProductAttention(
  q: TensorLike,
  k: TensorLike,
  v: TensorLike,
  { mask, causal = false, scale, dropout = 0, seed }: AttentionOptions = {},
): Tensor {
  const [queries, keys] = [identity(q), identity(k)];
  // The queries are the smallest tensor that the factor can go into.
  const scores = matMul(mul(queries, checkedSize(queries, keys, scale)), keys, {
    transposeB: true,
  }); // [..., queries, keys]
  const seen = mask === undefined ? scores : masked(scores, mask);
  const weights = softmax(causal ? causalMask(seen, { fill: hidden(seen.dtype) }) : seen);
  const kept =
    dropout > 0
      ? drop(weights, { rate: dropout, ...(seed === undefined ? {} : { seed }) })
      : weights;
  return matMul(kept, v);
}
