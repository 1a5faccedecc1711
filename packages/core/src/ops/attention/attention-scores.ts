import { type DType, isFloat } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { exp } from '../exponential/exp.js';
import { matMul } from '../linear/mat-mul.js';
import { where } from '../logical/where.js';
import type { AttentionAttrs } from './attention-attrs.js';
import { causalMask } from './causal-mask.js';

// Minus infinity in every score of a query would make NaN of its weights; a large number makes them equal.
const hidden = (dtype: DType): number => (dtype === 'float16' ? -3e4 : -1e9);

type Seeing = Pick<AttentionAttrs, 'causal'>;

/** `fill` in place of scores of keys that a query does not see. Linear in the scores where `fill` is 0. */
function covered(
  scores: Tensor,
  masks: readonly Tensor[],
  { causal, fill }: Seeing & { readonly fill: number },
): Tensor {
  const seen = masks.reduce(
    (all, mask) => (mask.dtype === 'bool' ? where(mask, all, fill) : all),
    scores,
  );
  return causal ? causalMask(seen, { fill }) : seen;
}

/** What flows back to scores, of which those that are hidden are constants. */
export const throughMasks = (dScores: Tensor, masks: readonly Tensor[], { causal }: Seeing) =>
  covered(dScores, masks, { causal, fill: 0 });

export interface ScoreInputs {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly masks: readonly Tensor[];
}

/** `scale q k^T + mask`. Shapes: [..., queries, keys]. */
export function maskedScores(
  { q, k, masks }: ScoreInputs,
  { scale, causal }: Pick<AttentionAttrs, 'scale' | 'causal'>,
): Tensor {
  // The queries are the smallest tensor that the factor can go into.
  const scores = matMul(mul(q, scale), k, { transposeB: true });
  const added = masks.reduce((all, mask) => (isFloat(mask.dtype) ? add(all, mask) : all), scores);
  return covered(added, masks, { causal, fill: hidden(scores.dtype) });
}

export interface FlowInputs extends ScoreInputs {
  readonly v: Tensor;
  readonly most: Tensor;
  readonly total: Tensor;
  readonly delta: Tensor;
  /** What flows into y. */
  readonly flow: Tensor;
}

/** The weights of the keys, what flows into them, and from there to the scores. Shapes: [..., queries, keys]. */
export function scoreFlow(inputs: FlowInputs, attrs: AttentionAttrs) {
  const { v, masks, most, total, delta, flow } = inputs;
  const weights = div(exp(sub(maskedScores(inputs, attrs), most)), total);
  const dWeights = sub(matMul(flow, v, { transposeB: true }), delta);
  return { weights, dWeights, dScores: throughMasks(mul(weights, dWeights), masks, attrs) };
}
