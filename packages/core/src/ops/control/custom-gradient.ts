import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { Func } from '../../graph/func.js';
import { inline, traceRegion, widened } from '../../graph/region.js';
import type { Tensor } from '../../graph/tensor.js';
import { afterControls, allCaptures } from './branch.js';
import { flatten, type Nested, nest, type Tensors } from './nested.js';
import { noGradient } from './no-gradient.js';

const attrs = z.strictObject({
  body: z.instanceof(Func),
  gradient: z.instanceof(Func),
  inputs: z.int().min(0),
});

/**
 * A function of its inputs with a gradient of its own. `gradient` takes inputs, results, gradients of the results and
 * captures. `customGradient` builds it.
 */
export const customGradientOp: Op<readonly ['...values'], typeof attrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'customGradient',
    inputs: ['...values'],
    attrs,
    infer: (_inputs, { body }) => body.results.map(({ dtype, shape }) => ({ dtype, shape })),
    bodies: ({ values }) => ({ body: values }),
    grad({ values, ys, dys }, { gradient, inputs }) {
      const flowing = ys.map((y, i) => dys[i] ?? noGradient(y));
      const found = inline(gradient, [
        ...values.slice(0, inputs),
        ...ys,
        ...flowing,
        ...values.slice(inputs),
      ]);
      return { values: values.map((_, i) => found[i] ?? null) };
    },
    expand: ({ values }, { body }) => inline(body, values),
  });

export interface CustomGradientContext {
  readonly inputs: readonly Tensor[];
  /** What the function returned, flat. */
  readonly ys: readonly Tensor[];
  /** Gradients of these. */
  readonly dys: readonly Tensor[];
}

/**
 * The function with a gradient that the user gives: `gradientFn` returns one gradient for each input, built of ops, so that it
 * can be differentiated again. No gradient flows to tensors that `fn` uses without taking them as inputs.
 * Errors: SHAPE_MISMATCH where the number of gradients is not that of the inputs.
 */
export function customGradient<I extends readonly TensorLike[], const N extends Nested>(
  fn: (...inputs: { [K in keyof I]: Tensor }) => N,
  gradientFn: (context: CustomGradientContext) => readonly TensorLike[],
): (...inputs: I) => Tensors<N> {
  const where = 'customGradient';
  return (...given) => {
    let returned: N | undefined;
    const inputs = given.map((input) => constantOf(input, undefined, where));
    const body = traceRegion(where, inputs, (params) => {
      returned = fn(...(params as unknown as { [K in keyof I]: Tensor }));
      return flatten(returned, where);
    });
    const { results } = body.func;
    const n = inputs.length;
    const gradient = traceRegion(where, [...inputs, ...results, ...results], (params) => {
      const [ys, dys] = [params.slice(n, n + results.length), params.slice(n + results.length)];
      const found = gradientFn({ inputs: params.slice(0, n), ys, dys });
      if (found.length === n) return found.map((value, i) => constantOf(value, inputs[i], where));
      throw new GraphError('SHAPE_MISMATCH', where, {
        what: `there are ${found.length} gradients for ${n} inputs.`,
        given: { inputs },
      });
    });
    const captures = allCaptures([body, gradient]);
    const functions = {
      body: widened(body, captures),
      gradient: widened(gradient, captures),
      inputs: n,
    };
    const outputs = afterControls([body, gradient], () =>
      customGradientOp([...inputs, ...captures], functions),
    );
    return nest(returned as N, outputs.values());
  };
}
