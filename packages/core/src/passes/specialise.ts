import { GraphError } from '../errors.js';
import { Func } from '../graph/func.js';
import { namedInputs } from '../graph/op.js';
import { param } from '../graph/region.js';
import { topologicalOrder, withInputs } from '../graph/rewrite.js';
import { withScope } from '../graph/scope.js';
import { isKnown } from '../graph/shape.js';
import { type Attrs, type Node, Tensor, type TensorSpec } from '../graph/tensor.js';

/**
 * Gives every tensor its actual shape: placeholders take the shapes that are fed, each node is inferred again, and
 * composites expand to primitives. `known` maps fed tensors to tensors of known shape. Errors: SHAPE_UNKNOWN and those of `infer`.
 */
export function specialise(roots: readonly Tensor[], known: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  return new Specialiser(known).tensors(roots);
}

class Specialiser {
  private readonly done: Map<Tensor, Tensor>;
  /** What each node has become; an expansion may have become several. */
  private readonly nodes = new Map<Node, readonly Node[]>();

  constructor(known: ReadonlyMap<Tensor, Tensor>) {
    this.done = new Map(known);
    for (const tensor of known.values()) this.done.set(tensor, tensor);
  }

  tensors(roots: readonly Tensor[]): Tensor[] {
    const { done } = this;
    const pending = roots.filter((root) => !done.has(root)).map(({ node }) => node);
    const order = topologicalOrder(pending, function* (node) {
      for (const input of node.inputs) if (!done.has(input)) yield input.node;
      for (const control of node.controls)
        if (!control.outputs.every((output) => done.has(output))) yield control;
    });
    for (const node of order) this.node(node);
    return roots.map((root) => done.get(root) as Tensor);
  }

  private node(node: Node): void {
    // An update sets its variable whether or not a value is fed for reading it.
    const inputs = node.inputs.map((input, i) =>
      node.op.role === 'update' && i === 0 ? input : (this.done.get(input) as Tensor),
    );
    const outputs = this.expanded(specialised(node, inputs, this.controls(node)));
    this.nodes.set(node, [...new Set(outputs.map((output) => output.node))]);
    node.outputs.forEach((output, i) => {
      const result = outputs[i] as Tensor;
      // A fed output keeps its fed value.
      if (!this.done.has(output)) this.done.set(output, result);
      this.done.set(result, result);
    });
  }

  /** What is fed is there from the beginning, so nothing has to wait for it. */
  private controls({ controls }: Node): Node[] {
    const { nodes, done } = this;
    const known = (control: Node) =>
      nodes.get(control) ??
      (control.outputs.every((output) => done.get(output) === output) ? [control] : []);
    return [...new Set(controls.flatMap(known))].filter(({ op }) => op.role !== 'input');
  }

  private expanded(node: Node): readonly Tensor[] {
    const { expand } = node.op.definition;
    if (!expand) return node.outputs;
    const { device, path, controls, region } = node;
    // The application itself is done: an expansion may refer to it only through its inputs.
    const result = withScope({ device, path, controls, region }, () =>
      expand(namedInputs(node.op, node.inputs) as never, node.attrs as never),
    );
    if (result === null) return node.outputs;
    return this.tensors(result instanceof Tensor ? [result] : (result as readonly Tensor[]));
  }
}

function specialised(node: Node, inputs: readonly Tensor[], controls: readonly Node[]): Node {
  const { definition } = node.op;
  const specs = definition.bodies?.(namedInputs(node.op, inputs) as never, node.attrs as never);
  const result = withInputs(
    node,
    inputs,
    controls,
    specs ? specialisedBodies(node.attrs, specs) : node.attrs,
  );
  for (const output of result.outputs) {
    if (!isKnown(output.shape)) {
      throw new GraphError('SHAPE_UNKNOWN', node.where, {
        what: 'the shape of the result is not known when it must be computed.',
        given: { inputs, output },
        fix: 'feed every placeholder that it depends on.',
      });
    }
  }
  return result;
}

function specialisedBodies(
  attrs: Attrs,
  specs: Readonly<Record<string, readonly TensorSpec[]>>,
): Attrs {
  const bodies = Object.entries(specs).map(([name, params]) => [
    name,
    specialiseFunc(attrs[name] as Func, params),
  ]);
  return { ...attrs, ...Object.fromEntries(bodies) };
}

/** A function for parameters of known shape. */
function specialiseFunc(func: Func, specs: readonly TensorSpec[]): Func {
  const params = specs.map((spec) => param(spec));
  const known = new Map(func.params.map((old, i) => [old, params[i] as Tensor]));
  return new Func(params, specialise(func.results, known));
}
