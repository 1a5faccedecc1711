import { GraphError } from '../errors.js';
import { makeNode } from './op.js';
import { currentScope } from './scope.js';
import type { Attrs, Node, Tensor } from './tensor.js';

/** Nodes that the roots depend on, inputs and controls before their users. Deep graphs do not overflow the stack. */
export function topologicalOrder(
  roots: Iterable<Node>,
  dependencies: (node: Node) => Iterable<Node> = allDependencies,
): Node[] {
  const order: Node[] = [];
  const done = new Map<Node, boolean>();
  const open: { node: Node; pending: readonly Node[]; next: number }[] = [];
  const enter = (node: Node): void => {
    const seen = done.get(node);
    if (seen) return;
    if (seen === false)
      throw new GraphError('GRAPH_INVALID', node.where, { what: 'the graph has a cycle.' });
    done.set(node, false);
    const pending = dependencies(node);
    open.push({ node, pending: Array.isArray(pending) ? pending : [...pending], next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const next = top.pending[top.next++];
      if (next) enter(next);
      else {
        done.set(top.node, true);
        order.push(top.node);
        open.pop();
      }
    }
  }
  return order;
}

export function allDependencies({ inputs, controls }: Node): readonly Node[] {
  const nodes = inputs.map(({ node }) => node);
  return controls.length === 0 ? nodes : [...nodes, ...controls];
}

/** How one node is rebuilt: given its new inputs, gives its new outputs. */
type Rebuild = (
  node: Node,
  inputs: readonly Tensor[],
  controls: readonly Node[],
) => readonly Tensor[];

/** Rebuilds what the roots reach, from the leaves up, replacing tensors by `replacements` where given. */
export function rewriteGraph(
  roots: readonly Tensor[],
  rebuild: Rebuild,
  replacements: ReadonlyMap<Tensor, Tensor> = new Map(),
): { results: Tensor[]; mapped: (tensor: Tensor) => Tensor } {
  const outputs = new Map<Node, readonly Tensor[]>();
  const mapped = (tensor: Tensor): Tensor =>
    replacements.get(tensor) ?? (outputs.get(tensor.node)?.[tensor.index] as Tensor);
  const replaced = (node: Node): boolean =>
    node.outputs.every((output) => replacements.has(output));
  const order = topologicalOrder(
    roots.filter((root) => !replacements.has(root)).map(({ node }) => node),
    (node) => dependenciesOutside(node, replacements, replaced),
  );
  for (const node of order) {
    // What one node became may be several: all of them must have run.
    const controls = new Set(
      node.controls.flatMap((control) => outputs.get(control)?.map((output) => output.node) ?? []),
    );
    outputs.set(node, rebuild(node, node.inputs.map(mapped), [...controls]));
  }
  return { results: roots.map(mapped), mapped };
}

function* dependenciesOutside(
  node: Node,
  replacements: ReadonlyMap<Tensor, Tensor>,
  replaced: (node: Node) => boolean,
): Iterable<Node> {
  for (const input of node.inputs) if (!replacements.has(input)) yield input.node;
  for (const control of node.controls) if (!replaced(control)) yield control;
}

/** The same node on other inputs; itself when nothing changed. */
export function withInputs(
  node: Node,
  inputs: readonly Tensor[],
  controls: readonly Node[],
  attrs: Attrs = node.attrs,
): Node {
  const unchanged =
    attrs === node.attrs &&
    inputs.every((input, i) => input === node.inputs[i]) &&
    controls.length === node.controls.length &&
    controls.every((control, i) => control === node.controls[i]);
  if (unchanged) return node;
  return makeNode({
    op: node.op,
    inputs,
    attrs,
    controls,
    device: node.device,
    path: node.path,
    region: node.region,
  });
}

/** The op of a node with its attributes on other inputs, as a new node of the scope that is being built. */
export function applyAgain({ op, attrs }: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  const { device, path, controls, region } = currentScope();
  return makeNode({ op, inputs, attrs, controls, device, path, region }).outputs;
}
