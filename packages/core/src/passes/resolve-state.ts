import { GraphError } from '../errors.js';
import { allDependencies, topologicalOrder, withInputs } from '../graph/rewrite.js';
import type { Node, Tensor } from '../graph/tensor.js';

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
  const order = topologicalOrder(roots.map(({ node }) => node));
  const updates = order.filter((node) => node.op.role === 'update');
  const before = updatesBefore(order);
  const rebuilt = new Map<Node, readonly Tensor[]>();
  const mapped = (tensor: Tensor) =>
    (rebuilt.get(tensor.node) as readonly Tensor[])[tensor.index] as Tensor;
  for (const node of order) {
    const update =
      node.op.role === 'read'
        ? lastUpdate(node.inputs[0] as Tensor, [...(before.get(node) as Set<Node>)], before)
        : undefined;
    const controls = node.controls.map(
      (control) => ((rebuilt.get(control) as readonly Tensor[])[0] as Tensor).node,
    );
    rebuilt.set(
      node,
      update
        ? [mapped(update.outputs[0] as Tensor)]
        : withInputs(node, node.inputs.map(mapped), controls).outputs,
    );
  }
  const variables = new Set(updates.map(({ inputs }) => inputs[0] as Tensor));
  return {
    roots: roots.map(mapped),
    updates: [...variables].map((variable) => {
      const last = lastUpdate(variable, updates, before) as Node;
      return { variable, value: mapped(last.outputs[0] as Tensor) };
    }),
  };
}

/** For each node the updates that must have run before it. */
function updatesBefore(order: readonly Node[]): Map<Node, Set<Node>> {
  const before = new Map<Node, Set<Node>>();
  const none = new Set<Node>();
  for (const node of order) {
    let found = none;
    for (const dependency of allDependencies(node)) {
      const inherited = before.get(dependency) as Set<Node>;
      if (inherited.size === 0 && dependency.op.role !== 'update') continue;
      if (found === none) found = new Set();
      for (const update of inherited) found.add(update);
      if (dependency.op.role === 'update') found.add(dependency);
    }
    before.set(node, found);
  }
  return before;
}

/** The update of a variable that comes after all its other ones. */
function lastUpdate(
  variable: Tensor,
  updates: readonly Node[],
  before: ReadonlyMap<Node, ReadonlySet<Node>>,
): Node | undefined {
  const own = updates.filter(({ inputs }) => inputs[0] === variable);
  if (own.length === 0) return undefined;
  const last = own.find((node) =>
    own.every((other) => other === node || before.get(node)?.has(other)),
  );
  if (last) return last;
  throw new GraphError('UPDATE_CONFLICT', variable.node.attrs.name as string, {
    what: `${own.length} updates of this variable have no order.`,
    given: { variable, values: own.map(({ inputs }) => inputs[1] as Tensor) },
    fix: 'make one depend on the other: controlDependencies([first], () => assignAdd(variable, ...)).',
  });
}
