import { GraphError } from '../errors.js';
import { constant, constantOf, type TensorLike } from '../graph/constant.js';
import { isFloat } from '../graph/dtype.js';
import { namedInputs } from '../graph/op.js';
import { topologicalOrder } from '../graph/rewrite.js';
import { withScope } from '../graph/scope.js';
import { isKnown, sameShape, shapesAgree } from '../graph/shape.js';
import { type Node, Tensor } from '../graph/tensor.js';
import { add } from '../ops/arithmetic/add.js';
import { cast } from '../ops/casting/cast.js';
import { sumLike } from '../ops/reduction/sum-like.js';
import { broadcastLike } from '../ops/shape/broadcast-like.js';
import { defineGradientOf, expandedGradient, type GradientOf } from './expanded-gradient.js';

export interface GradientOptions {
  /** What flows into each y; ones when left out. */
  readonly gradYs?: readonly TensorLike[] | undefined;
  /** What an x gives that no y depends on: zeros of its shape, or an error. */
  readonly unconnected?: 'zero' | 'error';
}

/** One gradient for each x. */
export type GradientsOf<X extends readonly Tensor[]> = { -readonly [K in keyof X]: Tensor };

/**
 * Symbolic gradients by reverse accumulation, `dx = sum_y dy (dy/dx)`: new nodes of the same graph, so they can be
 * differentiated again. Errors: NOT_DIFFERENTIABLE, SHAPE_MISMATCH (a gradY is not of the shape of its y), VALUE_INVALID.
 */
export function gradients<const X extends readonly Tensor[]>(
  ys: Tensor | readonly Tensor[],
  xs: X,
  options: GradientOptions = {},
): GradientsOf<X> {
  const tops = ys instanceof Tensor ? [ys] : ys;
  checkTensors('ys', tops);
  checkTensors('xs', xs);
  checkGradYs(tops, options.gradYs);
  const found = connectedGradients(
    tops,
    xs,
    tops.map((y, i) => startingGradient(y, options.gradYs?.[i])),
  );
  const filled = found.map(
    (gradient, i) => gradient ?? unconnectedGradient(xs[i] as Tensor, options),
  );
  return filled as GradientsOf<X>;
}

function checkTensors(name: string, given: unknown): void {
  if (Array.isArray(given) && given.every((one) => one instanceof Tensor)) return;
  throw new GraphError('VALUE_INVALID', 'gradients', {
    what: `${name} is not a list of tensors.`,
    fix: 'write gradients(loss, [w, b]).',
  });
}

function checkGradYs(ys: readonly Tensor[], gradYs: GradientOptions['gradYs']): void {
  if (gradYs === undefined || (Array.isArray(gradYs) && gradYs.length === ys.length)) return;
  throw new GraphError('SHAPE_MISMATCH', 'gradients', {
    what: 'gradYs is not a list of one gradient for each y.',
    given: { ys },
  });
}

/** The gradients for given dys; null for an x that no y depends on differentiably. */
export function connectedGradients(
  ys: readonly Tensor[],
  xs: readonly Tensor[],
  dys: readonly Tensor[],
): (Tensor | null)[] {
  const flow = new Flow();
  ys.forEach((y, i) => flow.add(y, dys[i] as Tensor));
  const relevant = dependents(ys, xs);
  const order = topologicalOrder(ys.map(({ node }) => node)).filter((node) => relevant.has(node));
  for (const node of order.reverse()) backward(node, flow);
  return xs.map((x) => flow.total(x) ?? null);
}

function startingGradient(y: Tensor, given: TensorLike | undefined): Tensor {
  if (!isFloat(y.dtype)) {
    throw new GraphError('NOT_DIFFERENTIABLE', 'gradients', {
      what: 'a y is not a float.',
      given: { y },
      fix: 'cast it to float32 before.',
    });
  }
  if (given === undefined) return filledLike(1, y);
  const dy = constantOf(given, y, 'gradients');
  if (shapesAgree(dy.shape, y.shape))
    return dy.dtype === y.dtype ? dy : cast(dy, { dtype: y.dtype });
  throw new GraphError('SHAPE_MISMATCH', 'gradients', {
    what: 'a gradient in gradYs is not of the shape of its y.',
    given: { y, dy },
  });
}

const filledLike = (value: number, like: Tensor): Tensor =>
  broadcastLike(constant(value, { dtype: like.dtype }), like);

function unconnectedGradient(x: Tensor, { unconnected = 'zero' }: GradientOptions): Tensor {
  if (unconnected === 'zero') return filledLike(0, x);
  throw new GraphError('NOT_DIFFERENTIABLE', 'gradients', {
    what: `no y depends on ${x.node.where}.`,
    given: { x },
    fix: "leave out `unconnected: 'error'` to get zeros.",
  });
}

/** What has flowed into each tensor so far. */
class Flow {
  private readonly parts = new Map<Tensor, Tensor>();

  add(tensor: Tensor, gradient: Tensor): void {
    const before = this.parts.get(tensor);
    this.parts.set(tensor, before ? add(before, gradient) : gradient);
  }

  total(tensor: Tensor): Tensor | undefined {
    return this.parts.get(tensor);
  }
}

/** Nodes between the xs and the ys: only through these does anything flow. */
function dependents(ys: readonly Tensor[], xs: readonly Tensor[]): Set<Node> {
  const sources = new Set(xs);
  const found = new Set<Node>();
  for (const node of topologicalOrder(ys.map(({ node }) => node))) {
    const uses = node.inputs.some(
      (input, i) => !node.op.shapeOnly.has(i) && (sources.has(input) || found.has(input.node)),
    );
    if (uses) found.add(node);
  }
  return found;
}

function backward(node: Node, flow: Flow): void {
  const dys = node.outputs.map((output) => flow.total(output) ?? null);
  if (dys.every((dy) => dy === null)) return;
  const { grad } = node.op.definition;
  if (grad === 'zero') return;
  if (grad === null) {
    if (node.outputs.every(({ dtype }) => !isFloat(dtype))) return;
    throw new GraphError('NOT_DIFFERENTIABLE', node.where, {
      what: `${node.op.name} has no gradient.`,
      given: { inputs: node.inputs },
      fix:
        node.op.definition.gradientAdvice ??
        'keep it off the path from the variables to the loss, or wrap its input in stopGradient.',
    });
  }
  const path = node.path === '' ? 'gradient' : `${node.path}/gradient`;
  withScope({ device: node.device, path, controls: [] }, () => {
    const found =
      grad === 'expand'
        ? expandedGradient(node, dys, { gradientOf, differentiate: gradients })
        : inputGradients(node, dys);
    node.inputs.forEach((input, i) => {
      const gradient = found[i];
      if (gradient && isFloat(input.dtype)) flow.add(input, fitted(node, input, gradient));
    });
  });
}

/** The op's own rule, with its named result put in the order of the inputs. */
function inputGradients(
  node: Node,
  dys: readonly (Tensor | null)[],
): (Tensor | null | undefined)[] {
  const { op, inputs, outputs, attrs } = node;
  const context = { ...namedInputs(op, inputs), ys: outputs, dys, y: outputs[0], dy: dys[0] };
  const rule = op.definition.grad as (context: never, attrs: never) => Record<string, unknown>;
  const named = rule(context as never, attrs as never);
  return op.inputNames.flatMap((name) =>
    name.startsWith('...')
      ? (named[name.slice(3)] as (Tensor | null)[])
      : [named[name] as Tensor | null | undefined],
  );
}

/** A gradient has the dtype and shape of what it belongs to. */
function fitted(node: Node, input: Tensor, gradient: Tensor): Tensor {
  const same = isKnown(input.shape) && sameShape(input.shape, gradient.shape);
  const summed = node.op.definition.broadcasts && !same ? sumLike(gradient, input) : gradient;
  return summed.dtype === input.dtype ? summed : cast(summed, { dtype: input.dtype });
}

/** The gradient of an op through its expansion, where that must wait for the shapes. */
export const gradientOf: GradientOf = /* @__PURE__ */ defineGradientOf(gradients);
