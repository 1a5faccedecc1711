import { defineMultiOp, type Op } from '../../graph/define-op.js';
import type { Pruned } from '../../graph/op.js';
import { restricted, traceRegion, usedParams } from '../../graph/region.js';
import type { Tensor } from '../../graph/tensor.js';
import { afterControls, atLeastOne, places } from './branch.js';
import { carriedSpec } from './carried-spec.js';
import { type Loop, type LoopResult, type ScanAttrs, scanAttrs, scanLength } from './scan-attrs.js';
import { scanGradient } from './scan-gradient.js';
import { withoutInvariants } from './scan-invariants.js';

/**
 * Repeats a body along the first axis of sequences. Inputs: carries, sequences, captures; outputs: last carries, then the
 * stacked results. `scan` builds it.
 */
export const scanOp: Op<readonly ['...values'], typeof scanAttrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'scan',
    inputs: ['...values'],
    attrs: scanAttrs,
    infer({ values }, given) {
      const { body, carries } = given;
      const length = scanLength(values, given);
      return body.results.map((result, i) =>
        i < carries
          ? carriedSpec('scan', values[i] as Tensor, result, i)
          : { dtype: result.dtype, shape: [length, ...result.shape] },
      );
    },
    bodies: ({ values }, { carries, sequences }) => ({
      body: values.map(({ dtype, shape }, i) => ({
        dtype,
        shape: i >= carries && i < carries + sequences ? shape.slice(1) : shape,
      })),
    }),
    grad: (context, given) => scanGradient(context, given, loop),
    prune: (used, { values }, given) => prune(used, values, given),
    repeats: {
      read: ({ values }, given) => ({
        body: given.body,
        carries: given.carries,
        sequences: given.sequences,
        length: scanLength(values, given) as number,
      }),
      attrs: (repetition, { reverse }) => ({ ...repetition, reverse, history: false }),
    },
    lower({ inputs: { values }, attrs: given }) {
      const { body, carries, sequences, reverse } = given;
      const length = scanLength(values, given) as number;
      return {
        kind: 'region',
        region: { region: 'scan', body, carries, sequences, length, reverse },
      };
    },
  });

/** Drops results that nothing uses, state that nothing depends on, and inputs that the rest does not read. */
function prune(used: readonly boolean[], values: readonly Tensor[], given: ScanAttrs): Pruned {
  const { body, carries, sequences } = given;
  const outputs = new Set(atLeastOne(places(used, Boolean)));
  const needs = () =>
    usedParams(
      body,
      [...outputs].map((i) => body.results[i] as Tensor),
    );
  for (let before = -1; before !== outputs.size; ) {
    before = outputs.size;
    for (const i of places(needs(), (need, place) => need && place < carries)) outputs.add(i);
  }
  const needed = needs();
  const kept = places(values, (_, i) => (i < carries ? outputs.has(i) : needed[i] === true));
  const order = [...outputs].sort((a, b) => a - b);
  return {
    attrs: {
      ...given,
      body: restricted(body, kept, order),
      carries: order.filter((i) => i < carries).length,
      sequences: kept.filter((i) => i >= carries && i < carries + sequences).length,
      length: scanLength(values, given),
      history: false,
    },
    inputs: kept,
    outputs: order,
  };
}

/** A scan node whose every turn also hands out the state that it started from, for the gradient; passes drop it if unused. */
export function loop({ carries, sequences, captures, length, reverse, body }: Loop): LoopResult {
  const slices = sequences.map(({ dtype, shape }) => ({ dtype, shape: shape.slice(1) }));
  const [c, s] = [carries.length, carries.length + sequences.length];
  const traced = traceRegion('scan', [...carries, ...slices, ...captures], (params) => {
    const state = params.slice(0, c);
    const turn = body(state, params.slice(c, s), params.slice(s));
    return [...turn.carries, ...turn.outputs, ...state];
  });
  const around = [...captures, ...traced.captures];
  const { func, captures: invariants } = withoutInvariants(
    traced.func,
    new Map(around.map((tensor, i) => [traced.func.params[s + i] as Tensor, tensor])),
  );
  const outputs = afterControls([traced], () =>
    scanOp([...carries, ...sequences, ...around, ...invariants], {
      body: func,
      carries: c,
      sequences: sequences.length,
      length,
      reverse,
      history: true,
    }),
  );
  return { last: outputs.slice(0, c), stacked: outputs.slice(c, outputs.length - c) };
}
