import { z } from 'zod';
import { GraphError } from '../errors.js';
import { constant } from '../graph/constant.js';
import { defineMultiOp, type Op } from '../graph/define-op.js';
import { isFloat } from '../graph/dtype.js';
import { Func } from '../graph/func.js';
import { isOp, namedInputs, type OpInfo } from '../graph/op.js';
import { inline, param } from '../graph/region.js';
import { currentScope } from '../graph/scope.js';
import { isKnown } from '../graph/shape.js';
import type { Attrs, Node, Tensor } from '../graph/tensor.js';
import { broadcastLike } from '../ops/shape/broadcast-like.js';
import type { gradients } from './gradients.js';

type Differentiate = typeof gradients;

const attrs = z.strictObject({
  op: z.custom<OpInfo>(isOp),
  attrs: z.record(z.string(), z.unknown()),
  inputs: z.int().min(0),
});

export type GradientOf = Op<readonly ['...values'], typeof attrs, 'many'>;

/**
 * The gradient of an op that is defined by what it expands to, put off until every shape is known.
 * Inputs: those of the op, then one gradient for each output. A function of `differentiate`, which itself needs this op.
 */
export const defineGradientOf = (differentiate: Differentiate): GradientOf =>
  defineMultiOp({
    name: 'gradientOf',
    inputs: ['...values'],
    attrs,
    infer: ({ values }, { inputs }) => values.slice(0, inputs),
    grad: 'expand',
    expand: ({ values }, application) =>
      differentiateExpansion({ ...application, values, differentiate }),
  });

interface Expansion {
  readonly op: OpInfo;
  readonly attrs: Attrs;
  readonly values: readonly Tensor[];
  readonly inputs: number;
  readonly differentiate: Differentiate;
}

// The expansion is differentiated on parameters of its own: two inputs may be one tensor, or depend on each other, and
// what flows between them is not this op's affair.
function differentiateExpansion({
  op,
  attrs: opAttrs,
  values,
  inputs,
  differentiate,
}: Expansion): Tensor[] {
  const params = values.map((value) => param(value, currentScope().region));
  const xs = params.slice(0, inputs);
  const expanded = op.definition.expand?.(namedInputs(op, xs) as never, opAttrs as never);
  if (!expanded) {
    throw new GraphError('GRAPH_INVALID', op.name, {
      what: 'its gradient is that of its expansion, but this application expands to nothing.',
      fix: 'give the op a gradient of its own.',
    });
  }
  const ys = Array.isArray(expanded) ? (expanded as Tensor[]) : [expanded as Tensor];
  // Nothing flows back from outputs that are not floats, such as positions.
  const smooth = ys.map((_, i) => i).filter((i) => isFloat((ys[i] as Tensor).dtype));
  const gradYs = smooth.map((i) => params[inputs + i] as Tensor);
  const found = differentiate(
    smooth.map((i) => ys[i] as Tensor),
    xs,
    { gradYs },
  );
  return inline(new Func(params, found), values);
}

/** The gradient with respect to each input of a node whose op says `grad: 'expand'`. */
export function expandedGradient(
  node: Node,
  dys: readonly (Tensor | null)[],
  { gradientOf, differentiate }: { gradientOf: GradientOf; differentiate: Differentiate },
): readonly Tensor[] {
  const { op, attrs: opAttrs } = node;
  const flowing = node.outputs.map(
    (y, i) => dys[i] ?? broadcastLike(constant(0, { dtype: y.dtype }), y),
  );
  const values = [...node.inputs, ...flowing];
  const application = { op, attrs: opAttrs, inputs: node.inputs.length };
  if (values.every(({ shape }) => isKnown(shape))) {
    return differentiateExpansion({ ...application, values, differentiate });
  }
  return gradientOf(values, application);
}
