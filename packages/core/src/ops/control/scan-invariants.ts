import { constantOp } from '../../graph/constant.js';
import { Func } from '../../graph/func.js';
import { makeNode } from '../../graph/op.js';
import { param } from '../../graph/region.js';
import { rewriteGraph, topologicalOrder, withInputs } from '../../graph/rewrite.js';
import { currentScope } from '../../graph/scope.js';
import { isKnown, sizeOf } from '../../graph/shape.js';
import type { Node, Tensor } from '../../graph/tensor.js';

/**
 * A body without what is the same at every turn: that is computed once, before the loop, and captured. `around` gives for
 * parameters the tensors outside that they always are. The gradient then flows to what was captured, and from there, once
 * and not at every turn, to what it was made of.
 */
export function withoutInvariants(
  { params, results }: Func,
  around: ReadonlyMap<Tensor, Tensor>,
): { func: Func; captures: readonly Tensor[] } {
  const outside = new Map(around);
  const moved = new Map<Tensor, Tensor>();
  const captured = (tensor: Tensor) => {
    if (outside.has(tensor) && !around.has(tensor) && !moved.has(tensor))
      moved.set(tensor, param(tensor, tensor.node.region));
  };
  for (const node of topologicalOrder(results.map(({ node }) => node))) {
    if (movable(node) && invariant(node, outside)) moveOut(node, outside);
    else node.inputs.forEach(captured);
  }
  results.forEach(captured);
  if (moved.size === 0) return { func: new Func(params, results), captures: [] };
  const rest = rewriteGraph(results, (...parts) => withInputs(...parts).outputs, moved).results;
  return {
    func: new Func([...params, ...moved.values()], rest),
    captures: [...moved.keys()].map((tensor) => outside.get(tensor) as Tensor),
  };
}

const invariant = ({ inputs }: Node, outside: ReadonlyMap<Tensor, Tensor>): boolean =>
  inputs.some((input) => outside.has(input)) &&
  inputs.every((input) => outside.has(input) || input.node.op === constantOp);

// What takes indices may fail, which it must not for a loop of no turns, and so may what holds functions.
// What is larger than what it is made of costs less where it is.
const movable = ({ op, inputs, outputs, controls }: Node): boolean =>
  op.role === 'pure' &&
  op.definition.bodies === undefined &&
  (op.definition.integer ?? []).length === 0 &&
  controls.length === 0 &&
  outputs.every((output) => !isLarger(output, inputs));

function isLarger(output: Tensor, inputs: readonly Tensor[]): boolean {
  if (!isKnown(output.shape)) return false;
  const given = inputs.map(({ shape }) =>
    isKnown(shape) ? sizeOf(shape) : Number.POSITIVE_INFINITY,
  );
  return sizeOf(output.shape) > Math.max(...given);
}

function moveOut(node: Node, outside: Map<Tensor, Tensor>): void {
  const { op, attrs, device, path } = node;
  const { region } = currentScope();
  const place = { controls: [], device, path, region };
  const constantOf = ({ node: own }: Tensor) =>
    makeNode({ op: own.op, inputs: [], attrs: own.attrs, ...place }).outputs[0] as Tensor;
  const inputs = node.inputs.map((input) => outside.get(input) ?? constantOf(input));
  const { outputs } = makeNode({ op, inputs, attrs, ...place });
  node.outputs.forEach((output, i) => void outside.set(output, outputs[i] as Tensor));
}
