import { GraphError } from '../errors.js';
import { allDependencies, topologicalOrder, withInputs } from '../graph/rewrite.js';
import type { Node, Tensor } from '../graph/tensor.js';
import { UpdateOrder } from './update-order.js';

/** The value that a variable gets at the end of a run. */
export interface Update {
  readonly variable: Tensor;
  readonly value: Tensor;
}

/**
 * Makes a run a pure function of state and feeds: a read that comes after an update becomes the value of that update,
 * and of several updates of one variable the last one counts. Errors: UPDATE_CONFLICT when their order is open.
 */
export function resolveState(roots: readonly Tensor[]): { roots: Tensor[]; updates: Update[] } {
  const updates = new UpdateOrder();
  const rebuilt = new Map<Node, readonly Tensor[]>();
  const mapped = (tensor: Tensor) =>
    (rebuilt.get(tensor.node) as readonly Tensor[])[tensor.index] as Tensor;
  for (const node of topologicalOrder(roots.map(({ node }) => node))) {
    updates.visit(node, allDependencies(node));
    const controls = node.controls.map(
      (control) => ((rebuilt.get(control) as readonly Tensor[])[0] as Tensor).node,
    );
    const before = node.op.role === 'read' ? updates.before(node) : undefined;
    const update = before && only(node.inputs[0] as Tensor, before);
    rebuilt.set(
      node,
      update
        ? readAfter(node, mapped(update.outputs[0] as Tensor), controls)
        : withInputs(node, node.inputs.map(mapped), controls).outputs,
    );
  }
  const last = updates.after(roots.map(({ node }) => node));
  return {
    roots: roots.map(mapped),
    updates: [...last].map(([variable, nodes]) => ({
      variable,
      value: mapped((only(variable, nodes) as Node).outputs[0] as Tensor),
    })),
  };
}

/** The value of the update that a read comes after. What else the read waits for must still run. */
function readAfter(node: Node, value: Tensor, controls: readonly Node[]): readonly Tensor[] {
  const others = controls.filter(({ op }) => op.role !== 'update');
  return others.length === 0 ? [value] : withInputs(node, [value], others).outputs;
}

function only(variable: Tensor, updates: readonly Node[]): Node | undefined {
  if (updates.length <= 1) return updates[0];
  throw new GraphError('UPDATE_CONFLICT', variable.node.attrs.name as string, {
    what: `${updates.length} updates of this variable have no order.`,
    given: { variable, values: updates.map(({ inputs }) => inputs[1] as Tensor) },
    fix: 'make one depend on the other: controlDependencies([first], () => assignAdd(variable, ...)).',
  });
}
