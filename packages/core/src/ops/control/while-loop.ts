import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { Func } from '../../graph/func.js';
import { restricted, traceRegion, usedParams, widened } from '../../graph/region.js';
import { shapesAgree } from '../../graph/shape.js';
import type { Tensor, TensorSpec } from '../../graph/tensor.js';
import { afterControls, allCaptures, atLeastOne, places } from './branch.js';
import { carriedSpec } from './carried-spec.js';

const attrs = z.strictObject({
  condition: z.instanceof(Func),
  body: z.instanceof(Func),
  carries: z.int().min(0),
  limit: z.int().min(0),
});

/** Repeats a body while a condition of its state holds. Inputs: carries, captures. `whileLoop` builds it. */
export const whileLoopOp: Op<readonly ['...values'], typeof attrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'whileLoop',
    inputs: ['...values'],
    attrs,
    infer({ values }, { condition, body, carries }) {
      checkCondition(condition.results[0] as Tensor);
      return values
        .slice(0, carries)
        .map((initial, i) => carriedSpec('whileLoop', initial, body.results[i] as Tensor, i));
    },
    bodies: ({ values }) => ({ condition: values, body: values }),
    grad: null,
    gradientAdvice:
      'use scan, whose number of turns is known, or stop the gradient at the result with stopGradient.',
    prune(used, { values }, { condition, body, carries, limit }) {
      const asked = usedParams(condition);
      const kept = new Set(
        places(values.slice(0, carries), (_, i) => used[i] === true || asked[i] === true),
      );
      const needs = () =>
        usedParams(
          body,
          [...kept].map((i) => body.results[i] as Tensor),
        );
      for (let before = -1; before !== kept.size; ) {
        before = kept.size;
        for (const i of places(needs(), (need, place) => need && place < carries)) kept.add(i);
      }
      const outputs = atLeastOne([...kept].sort((a, b) => a - b));
      const needed = usedParams(
        body,
        outputs.map((i) => body.results[i] as Tensor),
      );
      const captures = places(
        values,
        (_, i) => i >= carries && (needed[i] === true || asked[i] === true),
      );
      const inputs = [...outputs, ...captures];
      return {
        attrs: {
          condition: restricted(condition, inputs, [0]),
          body: restricted(body, inputs, outputs),
          carries: outputs.length,
          limit,
        },
        inputs,
        outputs,
      };
    },
    lower: ({ attrs: { condition, body, carries, limit } }) => ({
      kind: 'region',
      region: { region: 'while', condition, body, carries, limit },
    }),
  });

function checkCondition(condition: TensorSpec): void {
  if (condition.dtype === 'bool' && shapesAgree(condition.shape, [])) return;
  throw new GraphError(
    condition.dtype === 'bool' ? 'SHAPE_MISMATCH' : 'DTYPE_MISMATCH',
    'whileLoop',
    {
      what: 'the condition must be a bool scalar.',
      given: { condition },
      fix: 'compare, for example less(i, 10), and reduce with any or all.',
    },
  );
}

export interface WhileLoopOptions {
  /** A run fails when the loop has not ended by then. */
  readonly maximumIterations?: number;
}

/**
 * Repeats `bodyFn` on the state, which starts as `initial`, while `conditionFn` of it holds; gives the last state.
 * Shapes: every element of the state keeps dtype and shape; the condition is bool []. Not differentiable: use `scan`.
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH, GRAPH_INVALID; RUN_FAILED in a run that exceeds `maximumIterations`.
 */
export function whileLoop(
  conditionFn: (...state: Tensor[]) => TensorLike,
  bodyFn: (...state: Tensor[]) => readonly TensorLike[],
  initial: readonly TensorLike[],
  { maximumIterations = Number.MAX_SAFE_INTEGER }: WhileLoopOptions = {},
): readonly Tensor[] {
  const where = 'whileLoop';
  const state = initial.map((value) => constantOf(value, undefined, where));
  const condition = traceRegion(where, state, (params) => [
    constantOf(conditionFn(...params), undefined, where),
  ]);
  const body = traceRegion(where, state, (params) => {
    const next = bodyFn(...params);
    if (next.length !== state.length) {
      throw new GraphError('SHAPE_MISMATCH', where, {
        what: `the body returns ${next.length} tensors; the state has ${state.length}.`,
        given: { state },
      });
    }
    return next.map((value, i) => constantOf(value, state[i], where));
  });
  const captures = allCaptures([condition, body]);
  return afterControls([condition, body], () =>
    whileLoopOp([...state, ...captures], {
      condition: widened(condition, captures),
      body: widened(body, captures),
      carries: state.length,
      limit: maximumIterations,
    }),
  );
}
