import { GraphError } from '../errors.js';
import { Func } from '../graph/func.js';
import { namedInputs } from '../graph/op.js';
import { topologicalOrder } from '../graph/rewrite.js';
import { sameShape } from '../graph/shape.js';
import type { Node, Tensor, TensorSpec } from '../graph/tensor.js';

/** Nodes never change, so those that were right once are not checked again after the next pass. */
const verified = new WeakSet<Node>();

/** Checks that every node is what its op infers, and that functions reach nothing but their parameters. Errors: GRAPH_INVALID. */
export function verify(roots: readonly Tensor[], stage: string): void {
  for (const node of topologicalOrder(roots.map(({ node }) => node))) {
    if (verified.has(node)) continue;
    checkInference(node, stage);
    checkBodies(node, stage);
    for (const value of Object.values(node.attrs))
      if (value instanceof Func) checkFunc(node, value, stage);
    verified.add(node);
  }
}

function checkInference(node: Node, stage: string): void {
  if (node.op.role === 'variable') return;
  const inferred = node.op.definition.infer(
    namedInputs(node.op, node.inputs) as never,
    node.attrs as never,
  );
  const specs = (Array.isArray(inferred) ? inferred : [inferred]) as readonly TensorSpec[];
  if (specs.length !== node.outputs.length) {
    throw new GraphError('GRAPH_INVALID', node.where, {
      what: `after ${stage}, the node has ${node.outputs.length} outputs; the op infers ${specs.length}.`,
    });
  }
  specs.forEach((spec, i) => {
    const output = node.outputs[i];
    if (output?.dtype === spec.dtype && sameShape(output.shape, spec.shape)) return;
    throw new GraphError('GRAPH_INVALID', node.where, {
      what: `after ${stage}, output ${i} is not what the op infers.`,
      given: { inferred: spec, ...(output ? { found: output } : {}) },
    });
  });
}

/** The parameters of nested functions must be what the inputs of their node give. */
function checkBodies({ op, inputs, attrs, where }: Node, stage: string): void {
  const bodies = op.definition.bodies?.(namedInputs(op, inputs) as never, attrs as never) ?? {};
  for (const [name, specs] of Object.entries(bodies)) {
    const { params } = attrs[name] as Func;
    const fits =
      params.length === specs.length &&
      specs.every((spec, i) => sameSpec(spec, params[i] as Tensor));
    if (fits) continue;
    throw new GraphError('GRAPH_INVALID', where, {
      what: `after ${stage}, the parameters of ${name} are not what the inputs give.`,
      given: { inputs: specs, parameters: params },
    });
  }
}

const sameSpec = (a: TensorSpec, b: TensorSpec): boolean =>
  a.dtype === b.dtype && sameShape(a.shape, b.shape);

function checkFunc(owner: Node, func: Func, stage: string): void {
  const params = new Set(func.params);
  for (const node of topologicalOrder(func.results.map(({ node }) => node))) {
    const stranger = node.op.role === 'input' && !params.has(node.outputs[0] as Tensor);
    if (stranger || node.op.role === 'update' || node.op.role === 'variable') {
      throw new GraphError('GRAPH_INVALID', owner.where, {
        what: `after ${stage}, a nested function reaches ${node.where}, which is not one of its parameters.`,
      });
    }
  }
  verify(func.results, stage);
}
