import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { type DType, isFloat, promote } from '../../graph/dtype.js';
import { axisSize, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { cast } from '../casting/cast.js';
import { matMul } from '../linear/mat-mul.js';
import { softmax } from '../normalisation/softmax.js';
import { dropout as drop } from '../random/dropout.js';
import { identity } from '../shape/identity.js';
import { attention } from './attention.js';
import { maskedScores } from './attention-scores.js';
import { attentionSpecs } from './attention-shapes.js';

export interface AttentionOptions {
  /** bool: true where a query may see a key; floats are added to the scores. Broadcast to [..., queries, keys]. */
  readonly mask?: TensorLike | undefined;
  /** No query sees keys behind its own place. */
  readonly causal?: boolean;
  /** Factor of the scores; 1 / sqrt(size) when left out. */
  readonly scale?: number | undefined;
  /** Part of the weights that are dropped. Then all scores are held. */
  readonly dropout?: number;
  readonly seed?: number;
  /**
   * `held`: all scores at once; `tiled`: a tile at a time, computed again for the gradient, in memory that does not grow with
   * queries times keys (float32 only); `bySize`, the default: tiled above a size.
   */
  readonly scores?: 'bySize' | 'held' | 'tiled';
}

function checkedScale(q: Tensor, k: Tensor, scale: number | undefined): number {
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

/** All in one dtype; a mask of bool stays. */
function ofOneDType(inputs: readonly Tensor[]): Tensor[] {
  const dtypes: DType[] = inputs.map((x) => x.dtype).filter((dtype) => dtype !== 'bool');
  const dtype = dtypes.reduce((all, one) => promote(all, one));
  return inputs.map((x) => (x.dtype === dtype || !isFloat(x.dtype) ? x : cast(x, { dtype })));
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
  { mask, causal = false, scale, dropout = 0, seed, scores = 'bySize' }: AttentionOptions = {},
): Tensor {
  const given = [q, k, v, ...(mask === undefined ? [] : [mask])].map((x) => identity(x));
  const [queries, keys, values, ...masks] = ofOneDType(given) as [Tensor, Tensor, Tensor];
  const attrs = { scale: checkedScale(queries, keys, scale), causal };
  if (dropout === 0) {
    return attention(queries, keys, values, masks, { ...attrs, scores })[0] as Tensor;
  }
  attentionSpecs({ q: queries, k: keys, v: values, masks });
  const weights = softmax(maskedScores({ q: queries, k: keys, masks }, attrs));
  const kept = drop(weights, { rate: dropout, ...(seed === undefined ? {} : { seed }) });
  return matMul(kept, values);
}
