import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { noGradient } from '../control/no-gradient.js';
import { matMul } from '../linear/mat-mul.js';
import { sum } from '../reduction/sum.js';
import { sumLike } from '../reduction/sum-like.js';
import { type AttentionAttrs, attentionAttrs } from './attention-attrs.js';
import { type FlowInputs, scoreFlow, throughMasks } from './attention-scores.js';
import { attentionGeometry, evenInputs, isTiled } from './attention-shapes.js';

const inputNames = ['q', 'k', 'v', 'most', 'total', 'delta', 'flow', '...masks'] as const;

const ofRow = { axis: -1, keepDims: true };

function held(inputs: FlowInputs, attrs: AttentionAttrs): Tensor[] {
  const { q, k, v, flow } = inputs;
  const { weights, dScores } = scoreFlow(inputs, attrs);
  const dq = mul(matMul(dScores, k), attrs.scale);
  const dk = matMul(dScores, mul(q, attrs.scale), { transposeA: true });
  const dv = matMul(weights, flow, { transposeA: true });
  return [sumLike(dq, q), sumLike(dk, k), sumLike(dv, v)];
}

/** The gradients of dq, dk and dv, with all scores held. Given what flows into them. */
function ofGradient(inputs: FlowInputs, flowing: readonly Tensor[], attrs: AttentionAttrs) {
  const { q, k, v, masks, total, flow } = inputs;
  const { scale } = attrs;
  const [toQ, toK, toV] = flowing as [Tensor, Tensor, Tensor];
  const { weights, dWeights, dScores } = scoreFlow(inputs, attrs);
  const outer = (a: Tensor, b: Tensor) => matMul(a, b, { transposeB: true });
  const inner = (a: Tensor, b: Tensor) => matMul(a, b, { transposeA: true });
  const toScores = mul(add(outer(toQ, k), outer(q, toK)), scale); // [..., queries, keys]
  const seen = throughMasks(toScores, masks, attrs);
  const toProducts = mul(weights, seen); // of flow v^T
  const toShifted = mul(weights, add(mul(seen, dWeights), outer(flow, toV)));
  const through = throughMasks(toShifted, masks, attrs);
  return {
    q: mul(add(matMul(through, k), matMul(dScores, toK)), scale),
    k: mul(add(inner(through, q), inner(dScores, toQ)), scale),
    v: inner(toProducts, flow),
    total: neg(div(sum(toShifted, ofRow), total)),
    delta: neg(sum(toProducts, ofRow)),
    flow: add(matMul(toProducts, v), matMul(weights, toV)),
    masks: masks.map(({ dtype }) => (isFloat(dtype) ? through : null)),
  };
}

/**
 * Adjoint of attention: dq, dk and dv from its inputs, the largest score and the sum of exponentials of each query, what
 * flows into y, and `delta = sum_i flow_i y_i`; with w the weights, `dScores = w (flow v^T - delta)`. As a function of all of these but the largest score,
 * which is but a shift, it is differentiable.
 * Shapes: q, k, v, masks as in attention, most, total, delta [..., queries, 1], flow [..., queries, values] -> those of q, k and v.
 */
export const attentionGradient: Op<typeof inputNames, typeof attentionAttrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'attentionGradient',
    inputs: inputNames,
    attrs: attentionAttrs,
    broadcasts: true,
    infer: ({ q, k, v, flow: { dtype } }) => [q, k, v].map(({ shape }) => ({ dtype, shape })),
    grad({ ys, dys, ...inputs }, attrs) {
      const flowing = ys.map((y, i) => dys[i] ?? noGradient(y));
      return ofGradient(inputs, flowing, attrs);
    },
    expand(inputs, attrs) {
      if (!isTiled(inputs, attrs)) return held(inputs, attrs);
      const even = evenInputs(inputs);
      if (!even) return null;
      const { q, k, v, most, total, delta, flow, masks } = inputs;
      const found = attentionGradient(...even, most, total, delta, flow, masks, attrs);
      return [q, k, v].map((x, i) => sumLike(found[i] as Tensor, x));
    },
    lower: ({ inputs, attrs, output: { dtype } }) => ({
      kind: 'template',
      template: { kind: 'attentionGradient', dtype, geometry: attentionGeometry(inputs, attrs) },
    }),
  });
