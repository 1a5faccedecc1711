import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { noGradient } from '../control/no-gradient.js';
import { exp } from '../exponential/exp.js';
import { matMul } from '../linear/mat-mul.js';
import { max } from '../reduction/max.js';
import { sum } from '../reduction/sum.js';
import { broadcastTo } from '../shape/broadcast-to.js';
import { type AttentionAttrs, attentionAttrs } from './attention-attrs.js';
import { attentionGradient } from './attention-gradient.js';
import { maskedScores, scoreFlow } from './attention-scores.js';
import {
  type AttentionInputs,
  attentionGeometry,
  attentionSpecs,
  evenInputs,
  isTiled,
} from './attention-shapes.js';

const ofRow = { axis: -1, keepDims: true };

function held(inputs: AttentionInputs<Tensor>, attrs: AttentionAttrs): Tensor[] {
  const scores = maskedScores(inputs, attrs); // [..., queries, keys]
  // Without the largest score taken away, e^x overflows above 88 in float32.
  const most = max(scores, ofRow);
  const shifted = exp(sub(scores, most));
  const total = sum(shifted, ofRow);
  const y = matMul(div(shifted, total), inputs.v);
  const shape = [...(y.shape.slice(0, -1) as KnownShape), 1];
  return [y, broadcastTo(most, { shape }), broadcastTo(total, { shape })];
}

/**
 * Attention, `y = softmax(scale q k^T + mask) v`, with the largest score of each query and the sum of `e^(score - largest)`, from
 * which the gradient computes the scores again instead of keeping them. The largest score is but a shift: nothing flows back from it.
 * `masks` holds at most one: bool, true where a query sees a key, or floats to be added.
 * Shapes: q [..., queries, size], k [..., keys, size], v [..., keys, values], mask to [..., queries, keys] ->
 * [..., queries, values], twice [..., queries, 1]; the axes before broadcast. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH.
 * Source: Milakov and Gimelshein 2018, "Online normalizer calculation for softmax"; Dao and others 2022, "FlashAttention".
 */
export const attention: Op<readonly ['q', 'k', 'v', '...masks'], typeof attentionAttrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'attention',
    inputs: ['q', 'k', 'v', '...masks'],
    attrs: attentionAttrs,
    broadcasts: true,
    infer: attentionSpecs,
    grad({ q, k, v, masks, ys: [y, most, total], dys: [given, , dTotal] }, attrs) {
      const [all, largest] = [total as Tensor, most as Tensor];
      const flow = given ?? noGradient(y as Tensor);
      const own = sum(mul(flow, y as Tensor), ofRow); // [..., queries, 1]
      const delta = dTotal ? sub(own, mul(dTotal, all)) : own;
      const [dq, dk, dv] = attentionGradient(q, k, v, largest, all, delta, flow, masks, attrs);
      const through = { q, k, v, masks, most: largest, total: all, delta, flow };
      return {
        ...{ q: dq as Tensor, k: dk as Tensor, v: dv as Tensor },
        masks: masks.map(({ dtype }) =>
          isFloat(dtype) ? scoreFlow(through, attrs).dScores : null,
        ),
      };
    },
    expand(inputs, attrs) {
      if (!isTiled(inputs, attrs)) return held(inputs, attrs);
      const even = evenInputs(inputs);
      return even && attention(...even, inputs.masks, attrs);
    },
    lower: ({ inputs, attrs, output: { dtype } }) => ({
      kind: 'template',
      template: { kind: 'attention', dtype, geometry: attentionGeometry(inputs, attrs) },
    }),
  });
