import { z } from 'zod';
import { connectedParams } from '../../autodiff/connected-params.js';
import { connectedGradients } from '../../autodiff/gradients.js';
import { GraphError } from '../../errors.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import { Func } from '../../graph/func.js';
import {
  inline,
  restricted,
  type Traced,
  traceRegion,
  usedParams,
  widened,
} from '../../graph/region.js';
import { currentScope, withScope } from '../../graph/scope.js';
import { mergeShapes, shapesAgree } from '../../graph/shape.js';
import type { Tensor, TensorSpec } from '../../graph/tensor.js';
import { noGradient } from './no-gradient.js';

const attrs = z.strictObject({ whenTrue: z.instanceof(Func), whenFalse: z.instanceof(Func) });

/** Runs one of two functions of the same captures. `cond` builds it. Errors: SHAPE_MISMATCH, DTYPE_MISMATCH. */
export const condOp: Op<readonly ['predicate', '...captures'], typeof attrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'cond',
    inputs: ['predicate', '...captures'],
    attrs,
    infer({ predicate }, { whenTrue, whenFalse }) {
      checkPredicate(predicate);
      return whenTrue.results.map((result, i) =>
        sameSpec(result, whenFalse.results[i] as Tensor, i),
      );
    },
    bodies: ({ captures }) => ({ whenTrue: captures, whenFalse: captures }),
    grad({ predicate, captures, dys }, { whenTrue, whenFalse }) {
      const flowing = places(dys, (dy) => dy !== null && isFloat(dy.dtype));
      const connected = [whenTrue, whenFalse].map((func) =>
        connectedParams(
          func,
          flowing.map((i) => func.results[i] as Tensor),
        ),
      );
      const wanted = places(captures, (_, i) => connected.some((params) => params[i]));
      if (wanted.length === 0) return {};
      const adjoint = (func: Func) => (params: readonly Tensor[]) => {
        const own = params.slice(0, captures.length);
        const ys = inline(func, own);
        const xs = wanted.map((i) => own[i] as Tensor);
        const found = connectedGradients(
          flowing.map((i) => ys[i] as Tensor),
          xs,
          params.slice(captures.length),
        );
        return found.map((gradient, i) => gradient ?? noGradient(xs[i] as Tensor));
      };
      const inputs = [...captures, ...flowing.map((i) => dys[i] as Tensor)];
      const found = branch({
        predicate,
        inputs,
        whenTrue: adjoint(whenTrue),
        whenFalse: adjoint(whenFalse),
      });
      return { captures: captures.map((_, i) => found[wanted.indexOf(i)] ?? null) };
    },
    prune(used, { captures }, { whenTrue, whenFalse }) {
      const outputs = atLeastOne(places(used, Boolean));
      const needed = [whenTrue, whenFalse].map((func) =>
        usedParams(
          func,
          outputs.map((i) => func.results[i] as Tensor),
        ),
      );
      const kept = places(captures, (_, i) => needed.some((params) => params[i]));
      return {
        attrs: {
          whenTrue: restricted(whenTrue, kept, outputs),
          whenFalse: restricted(whenFalse, kept, outputs),
        },
        inputs: [0, ...kept.map((i) => i + 1)],
        outputs,
      };
    },
    lower: ({ attrs: { whenTrue, whenFalse } }) => ({
      kind: 'region',
      region: { region: 'cond', whenTrue, whenFalse },
    }),
  });

/** Places of the elements that hold. */
export const places = <T>(
  list: readonly T[],
  holds: (element: T, place: number) => boolean,
): number[] => list.flatMap((element, i) => (holds(element, i) ? [i] : []));

// A node without outputs could not be referred to by those that must run after it.
export const atLeastOne = (kept: readonly number[]): readonly number[] =>
  kept.length === 0 ? [0] : kept;

function checkPredicate(predicate: TensorSpec): void {
  if (predicate.dtype === 'bool' && predicate.shape.length === 0) return;
  throw new GraphError(predicate.dtype === 'bool' ? 'SHAPE_MISMATCH' : 'DTYPE_MISMATCH', 'cond', {
    what: 'the predicate must be a bool scalar.',
    given: { predicate },
    fix: 'compare it, for example greater(x, 0), and reduce it with any or all.',
  });
}

function sameSpec(whenTrue: Tensor, whenFalse: Tensor, place: number): TensorSpec {
  const sameDType = whenTrue.dtype === whenFalse.dtype;
  if (sameDType && shapesAgree(whenTrue.shape, whenFalse.shape)) {
    return { dtype: whenTrue.dtype, shape: mergeShapes(whenTrue.shape, whenFalse.shape) };
  }
  throw new GraphError(sameDType ? 'SHAPE_MISMATCH' : 'DTYPE_MISMATCH', 'cond', {
    what: `the branches differ in result ${place}.`,
    given: { whenTrue, whenFalse },
    fix: 'give both the same dtype and shape (cast, broadcastTo).',
  });
}

interface Branches {
  readonly predicate: Tensor;
  /** Handed to both branches as parameters. */
  readonly inputs: readonly Tensor[];
  whenTrue(inputs: readonly Tensor[]): readonly Tensor[];
  whenFalse(inputs: readonly Tensor[]): readonly Tensor[];
}

/** One of two bodies over the same inputs; what a body takes from around it is captured. */
export function branch({ predicate, inputs, whenTrue, whenFalse }: Branches): readonly Tensor[] {
  const yes = traceRegion('cond', inputs, whenTrue);
  const no = traceRegion('cond', inputs, whenFalse);
  const captures = allCaptures([yes, no]);
  return afterControls([yes, no], () =>
    condOp(predicate, [...inputs, ...captures], {
      whenTrue: widened(yes, captures),
      whenFalse: widened(no, captures),
    }),
  );
}

export const allCaptures = (bodies: readonly Traced[]): Tensor[] => [
  ...new Set(bodies.flatMap(({ captures }) => captures)),
];

/** Order edges from inside the bodies become those of the node that holds them. */
export const afterControls = <T>(bodies: readonly Traced[], build: () => T): T =>
  withScope(
    { controls: [...currentScope().controls, ...bodies.flatMap(({ controls }) => controls)] },
    build,
  );
