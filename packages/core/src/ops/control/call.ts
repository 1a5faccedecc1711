import { z } from 'zod';
import { connectedParams } from '../../autodiff/connected-params.js';
import { connectedGradients } from '../../autodiff/gradients.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import { Func } from '../../graph/func.js';
import { inline, restricted, traceRegion, usedParams } from '../../graph/region.js';
import type { Tensor } from '../../graph/tensor.js';
import { afterControls, atLeastOne, places } from './branch.js';
import { noGradient } from './no-gradient.js';

const attrs = z.strictObject({ body: z.instanceof(Func) });

/**
 * Runs a function as a region of its own, which nothing outside is merged with. Its gradient computes the function again
 * inside one more region, so that nothing of it is kept from the forward pass. `recompute` builds it.
 */
export const callOp: Op<readonly ['...values'], typeof attrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'call',
    inputs: ['...values'],
    attrs,
    infer: (_inputs, { body }) => body.results.map(({ dtype, shape }) => ({ dtype, shape })),
    bodies: ({ values }) => ({ body: values }),
    grad({ values, dys }, { body }) {
      const flowing = places(dys, (dy) => dy !== null && isFloat(dy.dtype));
      const connected = connectedParams(
        body,
        flowing.map((i) => body.results[i] as Tensor),
      );
      const wanted = places(values, (_, i) => connected[i] === true);
      if (wanted.length === 0) return {};
      const found = enclosed([...values, ...flowing.map((i) => dys[i] as Tensor)], (params) => {
        const own = params.slice(0, values.length);
        const ys = inline(body, own);
        const xs = wanted.map((i) => own[i] as Tensor);
        const gradients = connectedGradients(
          flowing.map((i) => ys[i] as Tensor),
          xs,
          params.slice(values.length),
        );
        return gradients.map((gradient, i) => gradient ?? noGradient(xs[i] as Tensor));
      });
      return { values: values.map((_, i) => found[wanted.indexOf(i)] ?? null) };
    },
    prune(used, _inputs, { body }) {
      const outputs = atLeastOne(places(used, Boolean));
      const kept = places(
        usedParams(
          body,
          outputs.map((i) => body.results[i] as Tensor),
        ),
        Boolean,
      );
      return { attrs: { body: restricted(body, kept, outputs) }, inputs: kept, outputs };
    },
    lower: ({ attrs: { body } }) => ({ kind: 'region', region: { region: 'call', body } }),
  });

/** A body over inputs as one region. */
export function enclosed(
  inputs: readonly Tensor[],
  build: (params: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const body = traceRegion('call', inputs, build);
  return afterControls([body], () => callOp([...inputs, ...body.captures], { body: body.func }));
}
