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
  private readonly nodes = new Map<Node, Node>();

  constructor(known: ReadonlyMap<Tensor, Tensor>) {
    this.done = new Map(known);
    for (const tensor of known.values()) this.done.set(tensor, tensor);
  }

  tensors(roots: readonly Tensor[]): Tensor[] {
    const { done } = this;
    const pending = roots.filter((root) => !done.has(root)).map(({ node }) => node);
    const order = topologicalOrder(pending, function* (node) {
      for (const input of node.inputs) if (!done.has(input)) yield input.node;
      yield* node.controls.filter((control) => !control.outputs.every((output) => done.has(output)));
    });
    for (const node of order) this.node(node);
    return roots.map((root) => done.get(root) as Tensor);
  }

  private node(node: Node): void {
    const inputs = node.inputs.map((input) => this.done.get(input) as Tensor);
    const controls = node.controls.map((control) => this.nodes.get(control) ?? (this.done.get(control.outputs[0] as Tensor) as Tensor).node);
    const outputs = this.expanded(specialised(node, inputs, controls));
    this.nodes.set(node, (outputs[0] as Tensor).node);
    node.outputs.forEach((output, i) => {
      const result = outputs[i] as Tensor;
      this.done.set(output, result);
      this.done.set(result, result);
    });
  }

  private expanded(node: Node): readonly Tensor[] {
    const { expand } = node.op.definition;
    if (!expand) return node.outputs;
    const { device, path, controls } = node;
    // The application itself is done: an expansion may refer to it only through its inputs.
    const result = withScope({ device, path, controls, region: undefined }, () =>
      expand(namedInputs(node.op, node.inputs) as never, node.attrs as never),
    );
    if (result === null) return node.outputs;
    return this.tensors(result instanceof Tensor ? [result] : (result as readonly Tensor[]));
  }
}

function specialised(node: Node, inputs: readonly Tensor[], controls: readonly Node[]): Node {
  const { definition } = node.op;
  const specs = definition.bodies?.(namedInputs(node.op, inputs) as never, node.attrs as never);
  const result = withInputs(node, inputs, controls, specs ? specialisedBodies(node.attrs, specs) : node.attrs);
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

function specialisedBodies(attrs: Attrs, specs: Readonly<Record<string, readonly TensorSpec[]>>): Attrs {
  const bodies = Object.entries(specs).map(([name, params]) => [name, specialiseFunc(attrs[name] as Func, params)]);
  return { ...attrs, ...Object.fromEntries(bodies) };
}

/** A function for parameters of known shape. */
export function specialiseFunc(func: Func, specs: readonly TensorSpec[]): Func {
  const params = specs.map((spec) => param(spec));
  const known = new Map(func.params.map((old, i) => [old, params[i] as Tensor]));
  return new Func(params, specialise(func.results, known));
}
